"""Credentials from files: they work, and each thing that can be wrong has its own error before anybody dials."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.x509.oid import NameOID

from ringfence.errors import CertificateError, FileError
from ringfence.model.names import UserName
from ringfence.pki.folder.store import Store
from ringfence.pki.login import named_credentials, stored_credentials
from tests.integration.pki.conftest import Issue
from tests.unit.pki.making import DAY, NOW, Made, make_authority, make_leaf

CALICO, ROOT = UserName("calico"), UserName("root")
CA, OTHER_CA = make_authority(), make_authority("somebody else")
GOOD = make_leaf(CA)


def _lay(store: Store, made: Made, key: bytes | None = None, ca: bytes = CA.certificate_pem) -> None:
    store.directory.mkdir()
    store.certificate_path("ca").write_bytes(ca)
    store.certificate_path("calico").write_bytes(made.certificate_pem)
    store.key_path("calico").touch(mode=0o600)
    store.key_path("calico").write_bytes(made.key_pem if key is None else key)


def test_issued_pairs_log_in(store: Store, issue: Issue) -> None:
    """A client and root, with the bytes of the files."""
    issue()
    for user in (CALICO, ROOT):
        credentials = stored_credentials(store, user, user, NOW)
        assert store.certificate_path(user).read_bytes() == credentials.certificate
        assert store.key_path(user).read_bytes() == credentials.key
        assert store.certificate_path("ca").read_bytes() == credentials.ca


def test_a_cluster_whose_authority_is_called_root_can_be_dialled(store: Store) -> None:
    """Nothing is issued by such an authority; a cluster that has it can still be read, and its auth switched off."""
    named = make_authority("root", of=NameOID.COMMON_NAME)
    _lay(store, make_leaf(named), ca=named.certificate_pem)
    assert named.certificate_pem == stored_credentials(store, "calico", CALICO, NOW).ca
    assert named.certificate_pem == named_credentials(store.certificate_path("ca"), None, None, NOW).ca


def test_a_server_does_not_log_in_as_a_user(store: Store, issue: Issue) -> None:
    """A member's certificate under a user's name is refused."""
    issue()
    with pytest.raises(CertificateError, match="has no Common Name and must have 'etcd-1-server' alone"):
        stored_credentials(store, "etcd-1-server", UserName("etcd-1-server"), NOW)


@pytest.mark.parametrize(
    ("made", "key", "ca", "reason"),
    [
        (make_leaf(CA, end=NOW - DAY / 2), None, CA.certificate_pem, "expired on 2026-11-21 18:12 UTC"),
        (make_leaf(CA, names=("calico", "root")), None, CA.certificate_pem, "has 2 Common Names"),
        (make_leaf(CA, names=("other",)), None, CA.certificate_pem, "has the Common Name 'other'"),
        (GOOD, None, OTHER_CA.certificate_pem, "was not signed by the trusted authority"),
        (GOOD, make_leaf(CA).key_pem, CA.certificate_pem, "does not belong to the key"),
        (GOOD, b"junk", CA.certificate_pem, "no PEM private key"),
        (GOOD, None, b"junk", "no PEM certificate"),
        (GOOD, None, make_authority(end=NOW - DAY / 2).certificate_pem, "the authority expired"),
    ],
)
def test_each_thing_that_is_wrong_has_its_own_error(
    store: Store, made: Made, key: bytes | None, ca: bytes, reason: str
) -> None:
    """One change to files that work, and the reason alone is told, with place and hint."""
    _lay(store, made, key, ca)
    with pytest.raises(CertificateError, match=reason) as refused:
        stored_credentials(store, "calico", CALICO, NOW)
    (problem,) = refused.value.problems
    assert problem.place is not None
    assert problem.hint is not None


def test_the_same_files_unspoilt_work(store: Store) -> None:
    """The other half of the test above; an authority on its way out beside the good one does not matter."""
    _lay(store, GOOD, ca=make_authority(end=NOW - DAY / 2).certificate_pem + CA.certificate_pem)
    assert GOOD.certificate_pem == stored_credentials(store, "calico", CALICO, NOW).certificate


def test_everything_that_is_missing_is_told_at_once(store: Store) -> None:
    """Three files, three problems, and how to get them."""
    with pytest.raises(CertificateError) as refused:
        stored_credentials(store, "calico", CALICO, NOW)
    assert ["ca.pem", "calico.pem", "calico-key.pem"] == [
        Path(str(p.place)).name for p in refused.value.problems if p.place
    ]
    assert all("certs issue" in str(problem.hint) for problem in refused.value.problems)


def test_all_that_is_wrong_is_told_at_once(store: Store) -> None:
    """The authority, the certificate and the key, each broken."""
    _lay(store, GOOD, b"", b"")
    store.certificate_path("calico").write_bytes(b"")
    with pytest.raises(CertificateError) as refused:
        stored_credentials(store, "calico", CALICO, NOW)
    assert 3 == len(refused.value.problems)


def test_named_files_are_taken_as_etcdctl_takes_them(store: Store, tmp_path: Path) -> None:
    """Any user, links followed, or no certificate at all; never half a pair, nor a key that others may read."""
    _lay(store, make_leaf(CA, names=("whoever",)))
    ca, certificate, key = (store.directory / name for name in ("ca.pem", "calico.pem", "calico-key.pem"))
    link = tmp_path / "link.pem"
    link.symlink_to(certificate)
    assert certificate.read_bytes() == named_credentials(ca, link, key, NOW).certificate
    assert None is named_credentials(ca, None, None, NOW).certificate
    with pytest.raises(CertificateError, match="go together"):
        named_credentials(ca, certificate, None, NOW)
    key.chmod(0o644)
    with pytest.raises(FileError, match="others may read"):
        named_credentials(ca, certificate, key, NOW)


@pytest.mark.parametrize(
    "made", [make_leaf(CA, names=("a", "b")), make_leaf(OTHER_CA), make_leaf(CA, end=NOW - DAY / 2)]
)
def test_named_files_that_cannot_work_are_refused(store: Store, made: Made) -> None:
    """Two names, another authority, expired: whoever it names, etcd would not take it."""
    _lay(store, made)
    with pytest.raises(CertificateError):
        named_credentials(store.certificate_path("ca"), store.certificate_path("calico"), store.key_path("calico"), NOW)
