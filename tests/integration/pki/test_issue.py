"""``certs issue`` on real files: what is missing, wrong or due is issued, the rest is left alone, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.errors import CertificateError, FileError
from ringfence.model.certificate import CertificateRequest, KeyType
from ringfence.model.issuance import Condition
from ringfence.ops.certs.listing import list_certificates
from ringfence.pki.folder.store import Store
from tests.integration.pki.conftest import Issue
from tests.unit.pki.making import CLIENT, DAY, LEAVES, NOW, PEER, PROXY, ROOT, SERVER, make_authority, make_leaf

NAMES = tuple(request.name for request in LEAVES)


def _snapshot(store: Store) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in store.directory.glob("*.pem")}


def _spoil_with_empty(store: Store) -> None:
    store.certificate_path("calico").write_bytes(b"")


def _spoil_with_truncated_key(store: Store) -> None:
    store.key_path("calico").write_bytes(store.key_path("calico").read_bytes()[:80])


def _spoil_with_lost_certificate(store: Store) -> None:
    store.certificate_path("calico").unlink()


def _spoil_with_lost_key(store: Store) -> None:
    store.key_path("calico").unlink()


def _spoil_with_other_key(store: Store) -> None:
    store.key_path("calico").write_bytes(store.key_path("root").read_bytes())


def _spoil_with_foreign_authority(store: Store) -> None:
    made = make_leaf(make_authority())
    store.certificate_path("calico").write_bytes(made.certificate_pem)
    store.key_path("calico").write_bytes(made.key_pem)


def test_the_first_run_makes_everything(store: Store, issue: Issue) -> None:
    """The authority and every pair, and progress reaches the end."""
    steps: list[tuple[int, int]] = []
    result = issue(progress=lambda done, total: steps.append((done, total)))
    assert (True, NAMES, (), ()) == (result.authority_created, result.created, result.replaced, result.kept)
    expected = {f"{name}{part}.pem" for name in (*NAMES, "ca") for part in ("", "-key")}
    assert expected == {path.name for path in store.directory.iterdir()} - {".lock"}
    assert (len(NAMES), len(NAMES)) == steps[-1]


def test_the_second_run_changes_nothing(store: Store, issue: Issue) -> None:
    """All is kept, byte for byte, and no authority is made."""
    issue()
    before = _snapshot(store)
    result = issue(now=NOW + DAY)
    assert (False, (), (), NAMES) == (result.authority_created, result.created, result.replaced, result.kept)
    assert before == _snapshot(store)


def test_a_new_request_leaves_the_others_alone(store: Store, issue: Issue) -> None:
    """Only what is missing is made."""
    issue((CLIENT, SERVER))
    before = _snapshot(store)
    result = issue()
    assert (("root", "etcd-1-peer", "edge"), ("calico", "etcd-1-server")) == (result.created, result.kept)
    assert before.items() <= _snapshot(store).items()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_spoil_with_empty, "file is empty"),
        (_spoil_with_truncated_key, "private key cannot be read"),
        (_spoil_with_lost_certificate, "certificate is missing"),
        (_spoil_with_lost_key, "key is missing"),
        (_spoil_with_other_key, "does not belong to the key"),
        (_spoil_with_foreign_authority, "not signed by the trusted authority"),
    ],
)
def test_a_spoilt_pair_is_issued_again_and_kept_aside(
    store: Store, issue: Issue, spoil: Callable[[Store], None], reason: str
) -> None:
    """It is named with its reason, what was there is moved aside, and the next run is content."""
    issue()
    spoil(store)
    was = {path.name: path.read_bytes() for path in store.directory.glob("calico*.pem")}
    others = {name: content for name, content in _snapshot(store).items() if not name.startswith("calico")}
    result = issue()
    (replacement,) = result.replaced
    assert ("calico", Condition.WRONG) == (replacement.name, replacement.condition)
    assert reason in " ".join(problem.what for problem in replacement.reasons)
    assert result.set_aside is not None
    assert was == {path.name: path.read_bytes() for path in result.set_aside.iterdir()}
    assert others.items() <= _snapshot(store).items()
    assert NAMES == issue().kept


def test_a_due_pair_is_renewed(store: Store, issue: Issue) -> None:
    """In the last third of its life, and not before; members live longer and stay."""
    issue()
    assert NAMES == issue(now=NOW + 59 * DAY).kept
    result = issue(now=NOW + 61 * DAY)
    assert [("calico", Condition.DUE), ("root", Condition.DUE)] == [(r.name, r.condition) for r in result.replaced]
    assert NAMES == issue(now=NOW + 61 * DAY).kept


def test_an_expired_pair_is_issued_again(issue: Issue) -> None:
    """Too late is repaired as well."""
    issue()
    result = issue(now=NOW + 91 * DAY)
    assert {("calico", Condition.WRONG), ("root", Condition.WRONG)} == {(r.name, r.condition) for r in result.replaced}


def test_a_changed_request_is_issued_again(issue: Issue) -> None:
    """A member's new address needs a new certificate."""
    issue()
    result = issue((CLIENT, ROOT, replace(SERVER, hosts=(*SERVER.hosts, "10.0.0.7")), PEER, PROXY))
    assert ["etcd-1-server"] == [each.name for each in result.replaced]


def test_two_replacements_in_one_second_are_both_kept(store: Store, issue: Issue) -> None:
    """What was wrong is set aside, and never overwritten by what is set aside next."""
    issue()
    kept = []
    for _ in range(3):
        store.certificate_path("calico").write_bytes(make_leaf(make_authority()).certificate_pem)
        kept.append(issue().set_aside)
    assert 3 == len(set(kept))
    assert 3 == len({(folder / "calico.pem").read_bytes() for folder in kept if folder is not None})


@pytest.mark.parametrize("lost", [("ca.pem", "ca-key.pem"), ("ca.pem",)])
def test_a_lost_authority_is_never_replaced_in_silence(store: Store, issue: Issue, lost: tuple[str, ...]) -> None:
    """While certificates are there that it may have signed, a second authority would break what runs."""
    issue()
    for name in lost:
        (store.directory / name).unlink()
    before = _snapshot(store)
    with pytest.raises(CertificateError, match="the authority is missing") as refused:
        issue()
    assert "backup" in str(refused.value.problems[0].hint)
    assert before == _snapshot(store)


def test_an_authority_whose_key_is_elsewhere_still_lets_good_pairs_be(store: Store, issue: Issue) -> None:
    """The key is needed to issue, and only then missed."""
    issue()
    store.key_path("ca").unlink()
    assert NAMES == issue().kept
    with pytest.raises(CertificateError, match="the authority's key is missing"):
        issue(renew=("calico",))


def test_half_an_authority_from_a_crash_is_made_whole(store: Store, issue: Issue) -> None:
    """A first run that died between the two files left a key that signed nothing: it is set aside."""
    issue(())
    store.certificate_path("ca").unlink()
    key = store.key_path("ca").read_bytes()
    result = issue()
    assert result.authority_created
    assert result.set_aside is not None
    assert key == (result.set_aside / "ca-key.pem").read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("ca.pem", b"junk", "no PEM certificate"),
        ("ca.pem", make_leaf(make_authority()).certificate_pem, "not the certificate of an authority"),
        ("ca.pem", make_authority().certificate_pem, "does not belong to the authority's certificate"),
        ("ca-key.pem", b"junk", "no PEM private key"),
        ("ca-key.pem", make_authority().key_pem, "does not belong to the authority's certificate"),
    ],
)
def test_a_corrupt_authority_is_an_error(store: Store, issue: Issue, name: str, content: bytes, reason: str) -> None:
    """It is never made anew, and nothing is written."""
    issue((CLIENT,))
    (store.directory / name).write_bytes(content)
    before = _snapshot(store)
    with pytest.raises(CertificateError, match=reason):
        issue()
    assert before == _snapshot(store)


def test_an_expired_authority_is_an_error(issue: Issue) -> None:
    """It says so, rather than that everything else is wrong."""
    issue()
    with pytest.raises(CertificateError, match="the authority expired on 2036-11-19"):
        issue(now=NOW + 3651 * DAY)


@pytest.mark.parametrize(
    ("requests", "error", "reason"),
    [
        ((replace(CLIENT, name="../calico"),), FileError, "cannot be a file name"),
        ((replace(CLIENT, name=".calico"),), FileError, "cannot be a file name"),
        ((CLIENT, replace(ROOT, name="calico-key")), FileError, "kept for the file of another"),
        ((replace(CLIENT, name="ca"),), FileError, "kept for the file of another"),
        ((CLIENT, replace(ROOT, name="calico")), FileError, "two certificates would be calico.pem"),
        ((CLIENT, replace(SERVER, hosts=("a b",))), CertificateError, "cannot stand in a certificate"),
    ],
)
def test_bad_requests_are_refused_before_anything_is_written(
    store: Store, issue: Issue, requests: tuple[CertificateRequest, ...], error: type[Exception], reason: str
) -> None:
    """Not even the folder is made."""
    with pytest.raises(error, match=reason):
        issue(requests)
    assert not store.directory.exists()


def test_slow_keys_are_made_in_several_processes(store: Store, issue: Issue) -> None:
    """With RSA the work goes to a pool, and the outcome is the same; one batch, one step of progress each."""
    steps: list[tuple[int, int]] = []
    result = issue(LEAVES[:4], key_type=KeyType.RSA_2048, progress=lambda done, total: steps.append((done, total)))
    assert NAMES[:4] == result.created
    assert [(done, 4) for done in range(1, 5)] == steps
    assert NAMES[:4] == issue(LEAVES[:4]).kept


def test_hundreds_are_made_in_batches(issue: Issue) -> None:
    """More than one batch: each name gets its own certificate, and progress only grows."""
    requests = tuple(replace(CLIENT, name=f"node-{n}", common_name=f"node-{n}") for n in range(150))
    steps: list[int] = []
    result = issue(requests, progress=lambda done, _total: steps.append(done))
    assert 150 == len(result.created)
    assert [128, 150] == steps
    assert 150 == len(issue(requests).kept)


def test_a_folder_that_may_only_be_read_is_enough_when_all_is_good(store: Store, issue: Issue) -> None:
    """Nothing to do means nothing is opened for writing, the lock included."""
    issue()
    (store.directory / ".lock").unlink()
    assert NAMES == issue().kept
    assert not (store.directory / ".lock").exists()


def test_a_list_has_the_authority_the_requests_and_the_rest(store: Store, issue: Issue) -> None:
    """In that order, with what is wrong; what nobody asked for is listed and told apart."""
    issue((CLIENT, ROOT))
    store.certificate_path("old").write_bytes(make_leaf(make_authority(), end=NOW - DAY / 2).certificate_pem)
    store.key_path("root").unlink()
    listed = asyncio.run(list_certificates((CLIENT, ROOT, SERVER), store, NOW))
    condition = Condition
    assert [
        ("ca", condition.GOOD, False),
        ("calico", condition.GOOD, True),
        ("root", condition.WRONG, True),
        ("etcd-1-server", condition.MISSING, True),
        ("old", condition.WRONG, False),
    ] == [(each.name, each.condition, each.request is not None) for each in listed]


def test_a_list_of_nothing_creates_nothing(store: Store, tmp_path: Path) -> None:
    """Looking does not write: the folder stays away, and everything is missing."""
    listed = asyncio.run(list_certificates(LEAVES, store, NOW))
    assert {Condition.MISSING} == {each.condition for each in listed}
    assert [] == list(tmp_path.iterdir())


def test_a_clock_that_is_behind_replaces_nothing(store: Store, issue: Issue) -> None:
    """What begins later than now tells of the clock: all of it is said, and named certificates may still be renewed."""
    issue()
    issue(now=NOW + 10 * DAY, renew=("root", "calico"))
    before = _snapshot(store)
    with pytest.raises(CertificateError) as refused:
        issue(now=NOW + 5 * DAY)
    assert ["calico.pem", "root.pem"] == sorted(
        Path(each.place.file).name for each in refused.value.problems if each.place
    )
    assert all("set the clock right" in (each.hint or "") for each in refused.value.problems)
    assert before == _snapshot(store)
    issue(now=NOW + 5 * DAY, renew=("root", "calico"))
    assert before != _snapshot(store)
