"""The page about OpenBao does what it says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from ringfence.ops.load import understand
from ringfence.spec.shape import Source
from tests.integration.openbao.conftest import Desk

PAGE = (Path(__file__).parents[3] / "docs" / "openbao.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_its_spec_is_correct_with_each_login() -> None:
    """As it stands, and with each of the logins that are commented out."""
    (text,) = _blocks("yaml")
    head = "version: 1\ncluster: {endpoints: [https://a.example:2379]}\n"
    logins = re.findall(r"^    (?:# )?auth: .*$", text, flags=re.MULTILINE)
    assert 4 == len(logins)
    for login in logins:
        one = (
            re.sub(r"^    (?:# )?auth: .*\n", "", text, flags=re.MULTILINE)
            + login.replace("    # auth", "    auth", 1)
            + "\n"
        )
        spec, _ = understand(head + one, "ringfence.yaml", Path("/"), date(2026, 1, 1))
        assert Source.OPENBAO is spec.pki.authority


def test_its_commands_are_those_that_work(desk: Desk) -> None:
    """Both runs of ``certs prepare``, and the policy by its name."""
    first, second = (line.split("#")[0].split()[1:] for line in _blocks("console")[0].splitlines())
    assert ["certs", "prepare"] == first[:2]
    assert 2 == desk.prepare(*first[2:]).code
    done = desk.prepare(*second[2:])
    assert 0 == done.code
    assert f"the policy {desk.mount}.ringfence-issuer" in done.out
    assert "token_policies=pki-etcd.ringfence-issuer" in _blocks("console")[1]
