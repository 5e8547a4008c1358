"""What people and programs are told of an authority elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ringfence.errors import Place, Problem
from ringfence.model.issuance import Condition, Effect, Replacement, Uptake
from ringfence.model.outside import Acceptance, Awaited, Requested, TrustedAuthority, Waiting
from ringfence.reports.outside import accepted_json, accepted_text, requested_json, requested_text

CSR = Path("/srv/csr")
SIGNED = tuple(
    Waiting(name=name, awaited=Awaited.CERTIFICATE, file=CSR / f"{name}.pem") for name in ("root", "calico", "old")
)
MADE = Waiting(
    name="node",
    awaited=Awaited.REQUEST,
    file=CSR / "node.csr",
    script=CSR / "a.sh",
    reasons=(Problem("asks to be an authority", Place("/srv/csr/node.csr"), "no"),),
)
REQUESTED = Requested(
    made=("root",),
    remade=(Replacement("calico", Condition.WRONG, (Problem("its key is not rsa-2048"),)),),
    waiting=(*SIGNED, MADE),
    kept=("edge",),
    manifest=CSR / "manifest.json",
    set_aside=Path("/srv/pki/replaced/1"),
)
ACCEPTED = Acceptance(
    authorities=(TrustedAuthority("O=Company", "AB:CD", datetime(2030, 1, 2, tzinfo=UTC)),),
    accepted=("root",),
    unchanged=("calico", "edge"),
    problems=(Problem("is an authority", Place("/srv/csr/x.pem"), "have it signed again"),),
    waiting=SIGNED[2:],
    replaced=("root",),
    effects=(Effect("root", ("root",), Uptake.RUN),),
)


def test_requests_as_text() -> None:
    """What was made, what was made anew and why, what is waited for from whom, and what to do next."""
    expected = """\
  + root: waits for root.pem
  ~ calico: made anew, with a new key: its key is not rsa-2048
  . old: waits for old.pem
  . node: waits for node.csr, made by a.sh, where the key is used
  ! node: asks to be an authority
  ! keys that nobody waits for any more lie in /srv/pki/replaced/1
Made 2 requests, 4 waited for, kept 1.
Next: run each script of /srv/csr on its machine, and bring back the .csr files.
Next: hand /srv/csr to the authority, put what it signed there, and run `ringfence certs accept`."""
    assert expected == requested_text(REQUESTED)


def test_nothing_to_do_is_one_line() -> None:
    """No next step where nothing is waited for."""
    done = Requested(made=(), remade=(), waiting=(), kept=("a", "b"), manifest=CSR / "manifest.json")
    assert "Made 0 requests, 0 waited for, kept 2." == requested_text(done)


def test_requests_as_json() -> None:
    """The names that programs depend on."""
    found = requested_json(REQUESTED)
    assert {"made", "remade", "kept", "waiting", "manifest", "set_aside"} == set(found)
    assert [{"name": "calico", "reasons": ["its key is not rsa-2048"]}] == found["remade"]
    assert isinstance(found["waiting"], list)
    assert {
        "name": "node",
        "for": "request",
        "file": "/srv/csr/node.csr",
        "script": "/srv/csr/a.sh",
        "reasons": ["asks to be an authority"],
    } == found["waiting"][-1]


def test_acceptance_as_text() -> None:
    """Whom to trust from now on, what is in use, and what is waited for."""
    expected = """\
  + ca: O=Company, until 2030-01-02; compare SHA-256
    AB:CD
  + root
  . old: waits for old.pem
Accepted 1 certificate, 2 in use already, 1 waited for.
Bring the new files to where they are used; then:
"""
    assert accepted_text(ACCEPTED).startswith(expected)
    assert "nothing to restart: they are read at each run" in accepted_text(ACCEPTED)


def test_acceptance_as_json() -> None:
    """The names that programs depend on."""
    expected = {
        "authorities": [{"subject": "O=Company", "sha256": "AB:CD", "not_after": "2030-01-02T00:00:00Z"}],
        "accepted": ["root"],
        "replaced": ["root"],
        "unchanged": ["calico", "edge"],
        "refused": [{"file": "/srv/csr/x.pem", "what": "is an authority", "hint": "have it signed again"}],
        "waiting": [
            {"name": "old", "for": "certificate", "file": "/srv/csr/old.pem", "script": None, "reasons": []},
        ],
        "set_aside": None,
        "effects": [{"component": "root", "names": ["root"], "uptake": "run"}],
    }
    assert expected == accepted_json(ACCEPTED)
