"""The README does what it says: a correct spec, a session played on a real cluster, links that lead somewhere."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from ringfence.local.binary import Binary
from ringfence.model.version import Version
from ringfence.ops.load import understand
from ringfence.rules.holes import holes
from tests.integration.cli.test_transcripts import agree, plain, played, steps
from tests.integration.docs.machine import NAMES, Machine, accepting
from tests.integration.site import Site

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str) -> list[str]:
    """The README's code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_spec_of_the_readme_is_correct() -> None:
    """It passes check as it stands."""
    (text,) = blocks("yaml")
    spec, _ = understand(text, "ringfence.yaml", ROOT, date(2026, 1, 1))
    assert ["kube-apiserver", "calico", "inventory"] == [component.identity for component in spec.components]


def test_the_session_of_the_readme_is_true(tmp_path: Path, etcd: Binary) -> None:
    """Typed from top to bottom with the README's own spec, each command shows what it says, its exit code included.

    The release is the one under test. Where that has known holes, the spec accepts them, as the README says is needed.
    """
    machine = Machine.under(tmp_path)
    (spec,) = blocks("yaml")
    (named,) = re.findall(r'^  etcd: "(3\.6\.\d+)"$', spec, flags=re.MULTILINE)
    assert () == holes(Version.parse(named) or Version(3, 0))
    spec = machine.placed(spec).replace(named, str(etcd.version))
    (tmp_path / "ringfence.yaml").write_text(accepting(etcd, spec))
    site = machine.site(etcd)
    first, then = blocks("console")[:2]
    play(site, first, etcd)
    for name in NAMES:
        machine.bring(name)
    with site.cluster:
        play(site, machine.placed(then), etcd)


KEPT = "The server keeps them: no known hole in this version."
NOT_KEPT = "The server DOES NOT KEEP THEM against an attacker: 7 known holes, accepted in the spec."


def play(site: Site, session: str, etcd: Binary) -> None:
    """Each command, held against what is shown behind it."""
    for command, expected in steps(session):
        shown = played(site, command)
        if holes(etcd.version):  # they are named, and what the server does is said in other words
            expected = expected.replace(KEPT, NOT_KEPT).replace("\n\nAsked ", "\n\n...\nAsked ")
        assert agree(plain(expected), shown), f"$ {command}\n{shown}"


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
