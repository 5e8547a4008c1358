"""``certs renew`` on real files: who is chosen, what is exchanged, and what is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from ringfence.errors import CertificateError
from ringfence.model.certificate import KeyType
from ringfence.model.issuance import Condition, Issuance
from ringfence.ops.certs.due import Due
from ringfence.ops.certs.renewing import renew_certificates
from ringfence.pki.folder.store import Store
from ringfence.pki.issuing.sources import FileSource
from tests.integration.pki.conftest import VALIDITY, Issue
from tests.unit.pki.making import DAY, LEAVES, NOW

NAMES = tuple(request.name for request in LEAVES)
CLIENTS = {"calico", "root"}


def _renew(store: Store, now: datetime, names: Collection[str] = (), due: Due | None = None) -> Issuance:
    source = FileSource(key_type=KeyType.ECDSA_P256, lifetime=VALIDITY.ca)
    return asyncio.run(renew_certificates(LEAVES, store, source, validity=VALIDITY, now=now, names=names, due=due))


def _replaced(result: Issuance) -> set[str]:
    return {each.name for each in result.replaced}


def test_a_named_one_is_renewed_with_a_new_key(store: Store, issue: Issue) -> None:
    """It alone, although it is good; its new pair is good, and its key is another one."""
    issue()
    before = {name: store.read_pair(name) for name in NAMES}
    result = _renew(store, NOW + DAY, names=("calico",))
    assert ["calico"] == [each.name for each in result.replaced]
    after = {name: store.read_pair(name) for name in NAMES}
    assert [name != "calico" for name in NAMES] == [before[name] == after[name] for name in NAMES]
    assert before["calico"].key != after["calico"].key
    assert NAMES == issue(now=NOW + DAY).kept


@pytest.mark.parametrize(
    ("days", "due", "chosen"),
    [
        (59, None, set()),
        (61, None, CLIENTS),
        (44, Due(share=Fraction(1, 2)), set()),
        (46, Due(share=Fraction(1, 2)), CLIENTS),
        (61, Due(within=timedelta(days=28)), set()),
        (61, Due(within=timedelta(days=30)), CLIENTS),
        (61, Due(within=timedelta(days=310)), set(NAMES)),
        (91, None, CLIENTS),
    ],
)
def test_what_is_due_is_renewed(store: Store, issue: Issue, days: int, due: Due | None, chosen: set[str]) -> None:
    """By a share of its life or by a time; clients live 90 days, members a year; what has ended is due."""
    issue()
    assert chosen == _replaced(_renew(store, NOW + days * DAY, due=due))


def test_what_was_renewed_is_not_due_again(store: Store, issue: Issue) -> None:
    """The second run finds nothing to do."""
    issue()
    assert CLIENTS == _replaced(_renew(store, NOW + 61 * DAY))
    assert NAMES == _renew(store, NOW + 61 * DAY).kept


@pytest.mark.parametrize(("days", "is_cut"), [(3550, False), (3640, True)])
def test_what_the_authority_cuts_is_told(store: Store, issue: Issue, days: int, is_cut: bool) -> None:
    """Ten days before the authority ends, with its name and its end; while clients get their 90 days, nothing is."""
    issue()
    now = NOW + days * DAY
    cut = _renew(store, now, names=("calico",)).cut
    assert is_cut == (cut is not None)
    if cut is not None:
        assert NOW + 3650 * DAY == cut.not_after
        assert "OU=etcd authority" in cut.authority


def test_what_is_missing_is_left_to_issue(store: Store, issue: Issue) -> None:
    """Unless it is named."""
    issue()
    for path in (store.certificate_path("calico"), store.key_path("calico")):
        path.unlink()
    assert () == _renew(store, NOW).created
    assert ("calico",) == _renew(store, NOW, names=("calico",)).created


def test_a_name_must_be_known(store: Store, issue: Issue) -> None:
    """A slip of the pen does not pass for a renewal, and nothing is exchanged."""
    issue()
    before = store.read_pair("calico")
    with pytest.raises(CertificateError, match="no certificate is called 'calcio'"):
        _renew(store, NOW, names=("calcio", "calico"))
    assert before == store.read_pair("calico")


def test_no_authority_is_made(store: Store) -> None:
    """In an empty folder there is nothing to renew, and none comes into being."""
    with pytest.raises(CertificateError, match="there is no authority"):
        _renew(store, NOW)
    assert not store.directory.exists()


def test_issue_exchanges_what_is_due(store: Store, issue: Issue) -> None:
    """The pair before stays beside the new one, and nothing is set aside."""
    issue()
    before = store.key_path("calico").read_bytes()
    result = issue(now=NOW + 61 * DAY)
    assert {("calico", Condition.DUE), ("root", Condition.DUE)} == {(e.name, e.condition) for e in result.replaced}
    assert result.set_aside is None
    kept = {path.read_bytes() for path in (store.directory / ".pairs" / "calico").glob("*/key.pem")}
    assert before in kept
    assert 2 == len(kept)
