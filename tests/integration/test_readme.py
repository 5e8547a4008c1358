"""The README does what it says: a correct spec, a session played on a real cluster, links that lead somewhere."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from ringfence.ops.load import understand
from tests.integration.cli.test_transcripts import agree, played, steps
from tests.integration.site import Site

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str) -> list[str]:
    """The README's code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_spec_of_the_readme_is_correct() -> None:
    """Its ten lines pass check as they stand."""
    (text,) = blocks("yaml")
    spec, _ = understand(text, "ringfence.yaml", ROOT, date(2026, 1, 1))
    assert ["kube-apiserver", "calico", "inventory"] == [component.identity for component in spec.components]


def test_the_session_of_the_readme_is_true(site: Site) -> None:
    """Each command of the first session shows what the README says, on a real cluster."""
    session = blocks("console")[0]
    assert "ringfence verify" in session
    environment = f"ETCDCTL_API=3 ETCDCTL_ENDPOINTS={site.endpoints[0]}"
    for command, expected in steps(session):
        typed = command.replace("etcdctl ", f"{environment} etcdctl ", 1) if command.startswith("etcdctl") else command
        shown = played(site, typed)
        expected_words = re.sub(r"(?<=\S) {2,}(?=\S)", "  ", expected)
        assert agree(expected_words, shown.removesuffix("\n[exit 2]")), f"$ {typed}\n{shown}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page is a file or folder of the project."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_two_commands_exist() -> None:
    """What the README tells people to type is in the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z-]+)", "\n".join(blocks("console")), flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
