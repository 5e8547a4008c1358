"""Certificates that cannot be used: each has its own clear error, before anything is dialled or changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from ringfence.model.certificate import KeyType
from ringfence.model.names import ROOT_USER
from ringfence.pki.folder.store import Store
from ringfence.pki.issuing.authority import FileAuthority
from ringfence.pki.issuing.custody import stored_authority
from ringfence.pki.login import fleeting_credentials
from tests.integration.site import Site
from tests.integration.stage import Authority


def lost_certificate(site: Site) -> None:
    """root.pem is gone."""
    (site.pki / "root.pem").unlink()


def lost_key(site: Site) -> None:
    """root-key.pem is gone."""
    (site.pki / "root-key.pem").unlink()


def lost_authority(site: Site) -> None:
    """ca.pem is gone."""
    (site.pki / "ca.pem").unlink()


def nothing_issued(site: Site) -> None:
    """There is no pki folder."""
    shutil.rmtree(site.pki)


def corrupt_certificate(site: Site) -> None:
    """A few bytes of it were overwritten."""
    path = site.pki / "root.pem"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], "A" * len(lines[2]), *lines[3:]]) + "\n")


def cut_off_certificate(site: Site) -> None:
    """It ends in the middle."""
    path = site.pki / "root.pem"
    path.write_text(path.read_text()[:200])


def corrupt_key(site: Site) -> None:
    """The key is no key."""
    (site.pki / "root-key.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")


def key_of_another_pair(site: Site) -> None:
    """calico's key beside root's certificate."""
    shutil.copy(site.pki / "calico-key.pem", site.pki / "root-key.pem")


def key_for_everybody(site: Site) -> None:
    """Others may read the key."""
    (site.pki / "root-key.pem").chmod(0o644)


def pair_of_another_user(site: Site) -> None:
    """calico's pair under root's name."""
    for suffix in ("", "-key"):
        shutil.copy(site.pki / f"calico{suffix}.pem", site.pki / f"root{suffix}.pem")


def wrong_authority(site: Site) -> None:
    """ca.pem is that of another cluster."""
    _, issued = FileAuthority.create(KeyType.ECDSA_P256, timedelta(days=1), datetime.now(UTC))
    (site.pki / "ca.pem").write_bytes(issued.certificate_pem)


def foreign_pair(site: Site) -> None:
    """root's pair comes from another authority."""
    now = datetime.now(UTC)
    other, _ = FileAuthority.create(KeyType.ECDSA_P256, timedelta(days=1), now)
    shown = fleeting_credentials(other, ROOT_USER, now)
    _write_root(site, shown.certificate, shown.key)


def expired_certificate(site: Site) -> None:
    """root's certificate was good for ten minutes, a day ago."""
    now = datetime.now(UTC)
    authority = stored_authority(Store(site.pki), KeyType.ECDSA_P256, now)
    shown = fleeting_credentials(authority, ROOT_USER, now - timedelta(days=1))
    _write_root(site, shown.certificate, shown.key)


def two_names(site: Site) -> None:
    """A certificate that names root and calico."""
    pair = Authority().issue("root", "calico")
    _write_root(site, pair.certificate, pair.key)


def no_name(site: Site) -> None:
    """A certificate that names nobody."""
    pair = Authority().issue()
    _write_root(site, pair.certificate, pair.key)


def _write_root(site: Site, certificate: bytes | None, key: bytes | None) -> None:
    assert certificate is not None
    assert key is not None
    (site.pki / "root.pem").write_bytes(certificate)
    (site.pki / "root-key.pem").write_bytes(key)


@dataclass(frozen=True, slots=True)
class Bad:
    """Something wrong, and lines that stderr must begin with; PKI stands for the folder."""

    make: Callable[[Site], None]
    problems: tuple[str, ...]


CERTIFICATES = [
    Bad(lost_certificate, ("PKI/root.pem: there is no certificate for root",)),
    Bad(lost_key, ("PKI/root-key.pem: there is no key for root",)),
    Bad(lost_authority, ("PKI/ca.pem: there is no certificate of the authority",)),
    Bad(
        nothing_issued,
        (
            "PKI/ca.pem: there is no certificate of the authority",
            "PKI/root.pem: there is no certificate for root",
            "PKI/root-key.pem: there is no key for root",
        ),
    ),
    Bad(corrupt_certificate, ("PKI/root.pem: the certificate cannot be parsed",)),
    Bad(cut_off_certificate, ("PKI/root.pem: the certificate is cut off",)),
    Bad(corrupt_key, ("PKI/root-key.pem: the private key cannot be read",)),
    Bad(key_of_another_pair, ("PKI/root.pem: does not belong to the key in PKI/root-key.pem",)),
    Bad(key_for_everybody, ("PKI/root-key.pem: others may read this private key (mode 0644)",)),
    Bad(pair_of_another_user, ("PKI/root.pem: has the Common Name 'calico' and must have 'root' alone",)),
    Bad(wrong_authority, ("PKI/root.pem: was not signed by the trusted authority",)),
    Bad(foreign_pair, ("PKI/root.pem: was not signed by the trusted authority",)),
    Bad(expired_certificate, ("PKI/root.pem: expired on ",)),
    Bad(
        two_names,
        (
            "PKI/root.pem: was not signed by the trusted authority",
            "PKI/root.pem: has 2 Common Names ('root' and 'calico') and must have 'root' alone",
        ),
    ),
    Bad(
        no_name,
        (
            "PKI/root.pem: was not signed by the trusted authority",
            "PKI/root.pem: has no Common Name and must have 'root' alone",
        ),
    ),
]


@pytest.mark.parametrize("bad", CERTIFICATES, ids=lambda bad: bad.make.__name__)
def test_a_bad_root_certificate(site: Site, bad: Bad) -> None:
    """It works; one file is spoiled; every live verb says which and why, with a hint, exits 1 and changes nothing."""
    assert 2 == site.run("plan").code
    before = site.auth_revision()
    bad.make(site)
    for verb in (("plan",), ("apply", "--yes"), ("verify",)):
        ran = site.run(*verb)
        assert (1, "") == (ran.code, ran.out)
        assert len(bad.problems) == len(ran.problems)
        for expected, problem in zip(bad.problems, ran.problems, strict=True):
            assert problem.replace(str(site.pki), "PKI").startswith(expected)
        assert ran.err.count("  hint: ") >= len(bad.problems)
    shutil.rmtree(site.pki, ignore_errors=True)
    shutil.copytree(site.operation.folder / "pki", site.pki)
    assert before == site.auth_revision()


def test_what_certs_issue_mends(site: Site) -> None:
    """After an expiry, a corruption and a loss, certs issue makes exactly those anew, and the fence can be made."""
    expired_certificate(site)
    (site.pki / "calico.pem").write_text("spoiled")
    (site.pki / "inventory-key.pem").unlink()
    (site.pki / "inventory.pem").unlink()
    listed = {each["name"]: each for each in site.run("certs", "list", "-o", "json").json["certificates"]}
    assert ("wrong", "wrong", "missing") == tuple(listed[name]["condition"] for name in ("root", "calico", "inventory"))
    issued = site.run("certs", "issue", "-o", "json")
    assert 0 == issued.code
    assert ["inventory"] == issued.json["created"]
    assert {"root", "calico"} == {each["name"] for each in issued.json["replaced"]}
    site.fence()


@pytest.mark.parametrize("broken", ["ca.pem", "ca-key.pem"])
def test_a_lost_authority_issues_nothing(site: Site, broken: str) -> None:
    """Without half of the authority nothing is issued, and nothing is half-written."""
    (site.pki / broken).unlink()
    (site.pki / "calico.pem").unlink()
    before = sorted(path.name for path in site.pki.iterdir() if path.suffix == ".pem")
    ran = site.run("certs", "issue")
    assert (1, "") == (ran.code, ran.out)
    assert str(site.pki / broken) in ran.err
    assert before == sorted(path.name for path in site.pki.iterdir() if path.suffix == ".pem")


def test_a_member_whose_certificate_is_from_elsewhere(site: Site) -> None:
    """A whole pki folder of another cluster: the server is not believed, and each endpoint says so."""
    shutil.rmtree(site.pki)
    assert 0 == site.run("certs", "issue").code
    ran = site.run("plan")
    assert (1, "") == (ran.code, ran.out)
    assert [
        f"{endpoint}: the server's certificate is not from a CA that is trusted" for endpoint in site.endpoints
    ] == ran.problems
