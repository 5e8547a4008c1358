"""``certs issue`` with an authority elsewhere: keys wait here, requests there, and running it again changes nothing."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.errors import CertificateError, FileError
from ringfence.model.certificate import KeyType
from ringfence.model.outside import Awaited
from tests.integration.pki.office import Office
from tests.integration.pki.outside import OutsideCa, openssl
from tests.unit.pki.making import CLIENT, DAY, LEAVES, ROOT, SERVER

NAMES = tuple(each.name for each in LEAVES)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> OutsideCa:
    """A root that signs everything itself."""
    return OutsideCa.make(tmp_path_factory.mktemp("outside") / "ca", "Outside")


@pytest.fixture
def office(tmp_path: Path, ca: OutsideCa) -> Office:
    """A folder in which nothing was asked for yet."""
    return Office(tmp_path, ca)


def test_the_first_run_asks_for_everything(office: Office) -> None:
    """A key and a request each, a manifest, and no pair that could be used."""
    result = office.ask()
    assert (NAMES, (), ()) == (result.made, result.remade, result.kept)
    assert [(name, Awaited.CERTIFICATE) for name in NAMES] == [(each.name, each.awaited) for each in result.waiting]
    assert {f"pending/{name}-key.pem" for name in NAMES} == set(office.files())
    assert {"manifest.json", *(f"{name}.csr" for name in NAMES)} == {each.name for each in office.csr.iterdir()}
    assert list(NAMES) == [each["name"] for each in office.manifest]


def test_keys_wait_for_the_owner_alone(office: Office) -> None:
    """Mode 0600 in a folder of 0700; in the folder that is handed out is no private key."""
    office.ask()
    pending = office.store.directory / "pending"
    assert 0o700 == stat.S_IMODE(pending.stat().st_mode)
    assert {0o600} == {stat.S_IMODE(each.stat().st_mode) for each in pending.iterdir()}
    assert not [each for each in office.csr.iterdir() if b"PRIVATE" in each.read_bytes()]


def test_openssl_reads_what_is_asked_for(office: Office) -> None:
    """Another program finds names, hosts and usages, and the digest of the key that the manifest tells."""
    office.ask()
    text = openssl("req", "-in", "etcd-1-server.csr", "-noout", "-verify", "-text", cwd=office.csr)
    for part in ("DNS:etcd-1.internal", "IP Address:10.0.0.1", "TLS Web Server Authentication", "Digital Signature"):
        assert part in text
    openssl("req", "-in", "calico.csr", "-noout", "-pubkey", "-out", "../public.pem", cwd=office.csr)
    openssl("pkey", "-pubin", "-in", "public.pem", "-outform", "der", "-out", "public.der", cwd=office.folder)
    digest = openssl("dgst", "-sha256", "-r", "public.der", cwd=office.folder).split()[0]
    (entry,) = (each for each in office.manifest if each["name"] == "calico")
    assert digest == entry["public_key_sha256"]


def test_the_second_run_changes_nothing(office: Office) -> None:
    """No new key where one waits, and all is waited for still."""
    office.ask()
    before, requests = office.files(), {each.name: each.read_bytes() for each in office.csr.iterdir()}
    result = office.ask()
    assert ((), (), len(NAMES)) == (result.made, result.remade, len(result.waiting))
    assert before == office.files()
    assert requests == {each.name: each.read_bytes() for each in office.csr.iterdir()}


def _without_request(office: Office) -> None:
    (office.csr / "calico.csr").unlink()


def _with_an_unfinished_one(office: Office) -> None:
    (office.csr / "calico.csr").rename(office.csr / ".calico.csr.new")


@pytest.mark.parametrize("lose", [_without_request, _with_an_unfinished_one])
def test_a_lost_request_is_made_for_the_key_that_waits(office: Office, lose: Callable[[Office], None]) -> None:
    """As after a crash between the two: the key is the same."""
    office.ask()
    before = office.files()
    lose(office)
    assert ("calico",) == office.ask().made
    assert before == office.files()
    assert (office.csr / "calico.csr").exists()


def _with_new_host(office: Office) -> Office:
    return office.with_requests(CLIENT, replace(SERVER, hosts=(*SERVER.hosts, "10.0.0.7")))


def _with_other_keys(office: Office) -> Office:
    return replace(office.with_requests(CLIENT, SERVER), key_type=KeyType.ECDSA_P384)


def _with_another_request(office: Office) -> Office:
    (office.csr / "etcd-1-server.csr").write_bytes((office.csr / "calico.csr").read_bytes())
    return office


def _with_a_broken_key(office: Office) -> Office:
    (office.store.directory / "pending" / "etcd-1-server-key.pem").write_bytes(b"")
    return office


@pytest.mark.parametrize(
    ("change", "names", "reason"),
    [
        (_with_new_host, ["etcd-1-server"], "lacks 10.0.0.7 among its hosts"),
        (_with_other_keys, ["calico", "etcd-1-server"], "its key is not ecdsa-p384"),
        (_with_another_request, ["etcd-1-server"], "is for another key than the one that waits"),
        (_with_a_broken_key, ["etcd-1-server"], "the key file is empty"),
    ],
)
def test_a_changed_request_is_made_anew(
    office: Office, change: Callable[[Office], Office], names: list[str], reason: str
) -> None:
    """With a new key; the one before is moved aside, and the others are left alone."""
    office = office.with_requests(CLIENT, SERVER)
    office.ask()
    office = change(office)
    before = office.files()
    result = office.ask()
    assert names == [each.name for each in result.remade]
    assert reason in [problem.what for problem in result.remade[-1].reasons]
    assert result.set_aside is not None
    for name in names:
        key = f"pending/{name}-key.pem"
        assert before[key] == (result.set_aside / f"{name}-key.pem").read_bytes()
        assert before[key] != office.files()[key]
    assert ((), ()) == (office.ask().made, office.ask().remade)


def test_what_nobody_asks_for_any_more_is_withdrawn(office: Office) -> None:
    """Its request goes, so that nobody signs it, and its key is kept aside."""
    office.ask()
    key = office.files()["pending/calico-key.pem"]
    result = office.with_requests(ROOT).ask()
    assert ["root"] == [each.name for each in result.waiting]
    assert result.set_aside is not None
    assert key == (result.set_aside / "calico-key.pem").read_bytes()
    assert {"root.csr", "manifest.json"} == {each.name for each in office.csr.iterdir()}


def test_what_is_good_is_not_asked_for(office: Office) -> None:
    """After everything was accepted nothing is waited for, and the manifest is empty."""
    office.settle()
    result = office.ask()
    assert ((), (), NAMES) == (result.made, result.waiting, result.kept)
    assert [] == office.manifest


def test_what_is_due_is_asked_for_while_the_pair_stays(office: Office) -> None:
    """The pair is in use until the new certificate is there."""
    office.settle()
    before = {name: content for name, content in office.files().items() if not name.startswith("pending")}
    result = office.ask(now=datetime.now(UTC) + 70 * DAY)
    assert ("calico", "root") == result.made
    assert before.items() <= office.files().items()


def test_one_can_be_renewed_by_name(office: Office) -> None:
    """And is waited for also by runs that do not name it."""
    office.settle()
    assert ("calico",) == office.ask(renew=("calico",)).made
    assert ["calico"] == [each.name for each in office.ask().waiting]
    with pytest.raises(CertificateError, match="no certificate is called 'calcio'"):
        office.ask(renew=("calcio",))


def test_a_key_that_others_may_read_is_refused(office: Office) -> None:
    """It may be known to somebody: nothing is asked for with it."""
    office.ask()
    (office.store.directory / "pending" / "calico-key.pem").chmod(0o644)
    with pytest.raises(FileError, match="others may read this private key"):
        office.ask()
