"""An authority that exists already, as companies have one: an offline root and an issuing intermediate."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID, ObjectIdentifier

from ringfence.errors import CertificateError
from ringfence.etcd.client import Client
from ringfence.keyspace import EVERYTHING
from ringfence.local.binary import Binary
from ringfence.local.cluster import LocalCluster, LocalMember
from ringfence.local.ports import free_ports
from ringfence.model.issuance import Ending
from ringfence.pki.folder.store import Store
from ringfence.pki.issuing.existing import ExistingFiles
from ringfence.pki.login import named_credentials
from tests.integration.pki.conftest import Issue
from tests.integration.site import ringfence
from tests.unit.pki.foreign import CLIENT_USAGE, intermediate, sign, weak_rsa
from tests.unit.pki.making import CLIENT, DAY, LEAVES, NOW, Made, make_authority

NAMES = tuple(request.name for request in LEAVES)
_UNKNOWN = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00")


@dataclass(frozen=True, slots=True)
class Company:
    """Root, policy authority and issuing authority, and a folder for their files."""

    folder: Path
    root: Made
    middle: Made
    issuing: Made

    def lay(
        self,
        *,
        ca: tuple[Made, ...] | None = None,
        chain: tuple[Made, ...] | None = None,
        key: bytes | None = None,
        mode: int = 0o600,
    ) -> ExistingFiles:
        """The files, right but for what is given."""
        files = ExistingFiles(self.folder / "issuing.pem", self.folder / "issuing-key.pem", self.folder / "chain.pem")
        files.ca.write_bytes(_pem(ca or (self.issuing,)))
        if chain == ():
            files = replace(files, chain=None)
        elif files.chain is not None:
            files.chain.write_bytes(_pem(chain or (self.middle, self.root)))
        files.key.unlink(missing_ok=True)
        files.key.touch(mode=0o600)
        files.key.write_bytes(self.issuing.key_pem if key is None else key)
        files.key.chmod(mode)
        return files


def _pem(made: tuple[Made, ...]) -> bytes:
    return b"".join(each.certificate_pem for each in made)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """All that such a company has."""
    root = make_authority("root of the company", end=NOW + 4000 * DAY)
    middle = intermediate(root, "policy", path_length=1)
    return Company(tmp_path, root, middle, intermediate(middle, "issuing", path_length=0))


def test_leaves_carry_the_chain_and_the_bundle_is_the_root(store: Store, issue: Issue, company: Company) -> None:
    """A leaf's file has it and both intermediates in order; ca.pem has the root alone; the key is not copied."""
    result = issue(existing=company.lay())
    assert (False, NAMES) == (result.authority_created, result.created)
    assert company.root.certificate_pem == store.certificate_path("ca").read_bytes()
    assert not store.key_path("ca").exists()
    above = company.issuing.certificate_pem + company.middle.certificate_pem
    for name in NAMES:
        content = store.certificate_path(name).read_bytes()
        assert content.endswith(above)
        assert 3 == content.count(b"BEGIN CERTIFICATE")
    assert NAMES == issue(existing=company.lay()).kept


def test_a_root_that_exists_needs_no_chain(store: Store, issue: Issue, company: Company) -> None:
    """Its leaves stand alone in their files."""
    issue((CLIENT,), existing=company.lay(ca=(company.root,), chain=(), key=company.root.key_pem))
    assert 1 == store.certificate_path("calico").read_bytes().count(b"BEGIN CERTIFICATE")


@pytest.mark.parametrize("whole", ["the ca file has all", "the chain begins with the ca"])
def test_the_chain_may_stand_in_either_file(store: Store, issue: Issue, company: Company, whole: str) -> None:
    """As tools write them: everything in one file, or the authority once more in the chain."""
    everything = (company.issuing, company.middle, company.root)
    files = company.lay(ca=everything, chain=()) if whole.startswith("the ca") else company.lay(chain=everything)
    issue((CLIENT,), existing=files)
    assert 3 == store.certificate_path("calico").read_bytes().count(b"BEGIN CERTIFICATE")
    assert company.root.certificate_pem == store.certificate_path("ca").read_bytes()


def test_no_leaf_outlives_what_is_above(store: Store, issue: Issue, company: Company) -> None:
    """The intermediate ends in a year less some days: members end with it."""
    files = company.lay(chain=(replace(company.middle), company.root))
    issue(existing=files)
    leaf = x509.load_pem_x509_certificate(store.certificate_path("etcd-1-server").read_bytes())
    assert company.middle.certificate.not_valid_after_utc == leaf.not_valid_after_utc
    cut = issue(existing=files, renew=("etcd-1-server",)).cut
    assert Ending("O=issuing", company.middle.certificate.not_valid_after_utc) == cut


def _named(name: str) -> Callable[[Company], ExistingFiles]:
    """The issuing authority has this Common Name."""

    def lay(company: Company) -> ExistingFiles:
        made = sign(
            company.middle, company.issuing.key, names=(name,), usages=(), ca=True, cert_sign=True, end=NOW + DAY
        )
        return company.lay(ca=(Made(made, company.issuing.key),))

    return lay


def _weak(company: Company) -> ExistingFiles:
    key = weak_rsa()
    made = sign(company.root, key, names=("weak",), usages=(), ca=True, cert_sign=True, end=NOW + DAY)
    weak = Made(made, key)  # type: ignore[arg-type]  # RSA, where Made has ECDSA
    return company.lay(ca=(weak,), chain=(company.root,), key=weak.key_pem)


def _below(company: Company) -> ExistingFiles:
    """One authority more than the policy authority allows."""
    below = intermediate(company.issuing, "below")
    return company.lay(ca=(below,), chain=(company.issuing, company.middle, company.root), key=below.key_pem)


def _issuing(**wrong: object) -> Callable[[Company], ExistingFiles]:
    """The issuing authority is wrong in one way."""

    def lay(company: Company) -> ExistingFiles:
        made = intermediate(company.middle, "issuing", **wrong)  # type: ignore[arg-type]  # of `intermediate`
        return company.lay(ca=(made,), key=made.key_pem)

    return lay


def _below_root(extra: x509.ExtensionType | None, **wrong: object) -> Callable[[Company], ExistingFiles]:
    """The root is wrong in one way."""

    def lay(company: Company) -> ExistingFiles:
        name = "root" if wrong else "root of the company"
        root = make_authority(name, end=NOW + 4000 * DAY, extra=extra, **wrong)  # type: ignore[arg-type]  # of it
        issuing = intermediate(root)
        return company.lay(ca=(issuing,), chain=(root,), key=issuing.key_pem)

    return lay


def _without_cert_sign(company: Company) -> ExistingFiles:
    made = sign(company.middle, company.issuing.key, usages=(), ca=True, end=NOW + DAY)
    return company.lay(ca=(Made(made, company.issuing.key),))


WRONG: dict[str, tuple[Callable[[Company], ExistingFiles], str]] = {
    "expired": (_issuing(end=NOW - DAY / 2), "the authority expired on 2026-11-21"),
    "a clock behind": (_issuing(start=NOW + DAY), "the authority is not valid before 2026-11-23"),
    "an expired root": (
        lambda company: company.lay(chain=(company.middle, make_authority("root of the company", end=NOW - DAY / 2))),
        "expired on 2026-11-21",
    ),
    "another key": (lambda company: company.lay(key=company.middle.key_pem), "the key belongs to a later one"),
    "a foreign key": (lambda company: company.lay(key=make_authority().key_pem), "does not belong to the authority's"),
    "no keyCertSign": (_without_cert_sign, "may not sign certificates: it lacks the usage keyCertSign"),
    "a path too long": (_below, "O=issuing allows 0 authorities below it, and there are 1"),
    "a weak key": (_weak, "RSA with 1024 bits, which is too weak"),
    "a weak hash": (_issuing(algorithm=hashes.SHA224()), "is made with SHA224, which is too weak"),
    "clients only": (_issuing(usages=CLIENT_USAGE), "may not sign for TLS clients and servers both"),
    "named root": (_named("root"), "etcd's v2 API takes the Common Names of authorities for users"),
    "names that it may not sign": (
        _issuing(constraints=x509.NameConstraints([x509.DNSName("corp.example")], None)),
        "O=issuing is not allowed to sign for etcd-1.internal",
    ),
    "names that its root may not sign": (
        _below_root(x509.NameConstraints(None, [x509.IPAddress(ip_network("10.0.0.0/8"))])),
        "O=root of the company is not allowed to sign for 10.0.0.9",
    ),
    "an extension that etcd does not know": (
        _issuing(extra=_UNKNOWN),
        "has a critical extension that etcd does not know: 1.2.3.4",
    ),
    "such an extension of the root": (_below_root(_UNKNOWN), "has a critical extension that etcd does not know"),
    "a root named root": (
        _below_root(None, of=NameOID.COMMON_NAME),
        "etcd's v2 API takes the Common Names of authorities for users",
    ),
    "the wrong order": (
        lambda company: company.lay(chain=(company.root, company.middle)),
        "in the wrong order: O=root of the company did not sign O=issuing",
    ),
    "no root": (lambda company: company.lay(chain=(company.middle,)), "the chain ends before its root: O=policy"),
    "a missing link": (lambda company: company.lay(chain=(company.root,)), "a link of the chain is missing"),
    "no chain": (lambda company: company.lay(chain=()), "the chain ends before its root: O=issuing"),
    "a stranger": (
        lambda company: company.lay(chain=(company.middle, company.root, make_authority("other"))),
        "in the wrong order: O=other did not sign O=root of the company",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_sign_is_refused(store: Store, issue: Issue, company: Company, what: str) -> None:
    """Each in its own words with its place, and no certificate, no ca.pem, is written; the right files then work."""
    wrong, reason = WRONG[what]
    with pytest.raises(CertificateError) as refused:
        issue(existing=wrong(company))
    assert reason in str(refused.value)
    assert all(problem.place and problem.hint for problem in refused.value.problems)
    assert [".lock"] == [path.name for path in store.directory.iterdir()]
    assert NAMES == issue(existing=company.lay()).created


@pytest.mark.parametrize("permitted", ["internal", "etcd-1.internal"])
def test_names_that_an_authority_may_sign_are_signed(
    store: Store, issue: Issue, company: Company, permitted: str
) -> None:
    """The other half of a refusal above; and hosts count that are to be signed now, not those that are good."""
    constraints = x509.NameConstraints([x509.DNSName(permitted)], None)
    made = intermediate(company.middle, constraints=constraints)
    assert NAMES == issue(existing=company.lay(ca=(made,), key=made.key_pem)).created
    other = intermediate(company.middle, constraints=x509.NameConstraints([x509.DNSName("corp.example")], None))
    files = company.lay(ca=(other,), key=other.key_pem)
    assert ["calico"] == [each.name for each in issue(existing=files, renew=("calico",)).replaced]
    with pytest.raises(CertificateError, match="not allowed to sign for etcd-1"):
        issue(existing=files, renew=("etcd-1-server",))


ITS_OWN: dict[str, tuple[Made, str]] = {
    "named root": (make_authority("root", of=NameOID.COMMON_NAME), "etcd's v2 API takes the Common Names"),
    "an unknown extension": (make_authority(extra=_UNKNOWN), "has a critical extension that etcd does not know"),
    "names that it may not sign": (
        make_authority(extra=x509.NameConstraints([x509.DNSName("corp.example")], None)),
        "is not allowed to sign for etcd-1.internal",
    ),
}


@pytest.mark.parametrize("what", ITS_OWN)
def test_a_root_in_the_folder_is_held_to_the_same(store: Store, issue: Issue, what: str) -> None:
    """An authority that somebody laid there as ``ca.pem`` signs nothing where ``pki.file.ca`` would be refused."""
    wrong, reason = ITS_OWN[what]
    store.directory.mkdir(mode=0o700)
    for made, refused in ((wrong, True), (make_authority(), False)):
        store.certificate_path("ca").write_bytes(made.certificate_pem)
        store.key_path("ca").unlink(missing_ok=True)
        store.key_path("ca").touch(mode=0o600)
        store.key_path("ca").write_bytes(made.key_pem)
        if refused:
            with pytest.raises(CertificateError, match=reason):
                issue()
            assert {"ca"} >= set(store.names())
        else:
            assert NAMES == issue().created


@pytest.mark.parametrize("mode", [0o640, 0o644])
def test_a_key_that_others_may_read_is_refused(issue: Issue, company: Company, mode: int) -> None:
    """Also where it lies elsewhere."""
    with pytest.raises(CertificateError, match=f"others may read this private key .mode {mode:04o}"):
        issue(existing=company.lay(mode=mode))


def test_another_authority_than_the_stored_one_is_refused(store: Store, issue: Issue, company: Company) -> None:
    """What runs trusts the one in ca.pem; a bundle of both is the way over."""
    issue((CLIENT,))
    before = store.certificate_path("ca").read_bytes()
    with pytest.raises(CertificateError, match="another authority than the one in the spec"):
        issue(existing=company.lay())
    assert before == store.certificate_path("ca").read_bytes()
    store.certificate_path("ca").write_bytes(before + company.root.certificate_pem)
    assert NAMES[1:] == issue(existing=company.lay()).created


def test_certificates_of_nobody_known_are_not_covered_up(store: Store, issue: Issue, company: Company) -> None:
    """ca.pem is lost and another authority is named: certificates of the old one may be in use."""
    issue((CLIENT,))
    for path in (store.certificate_path("ca"), store.key_path("ca")):
        path.unlink()
    with pytest.raises(
        CertificateError, match=r"there is no ca.pem, and the authority in the spec did not sign calico"
    ):
        issue(existing=company.lay())


OPENSSL = """
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[issuing]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[req]
distinguished_name = name
[name]
"""


def _openssl(folder: Path, *arguments: str) -> str:
    program = shutil.which("openssl")
    assert program is not None, "these tests need the openssl program"
    ran = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert 0 == ran.returncode, ran.stderr
    return ran.stdout


def _by_openssl(folder: Path) -> None:
    """Root and issuing authority, with the issuing key encrypted."""
    (folder / "openssl.cnf").write_text(OPENSSL)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-config", "openssl.cnf")
    _openssl(
        folder, "req", "-x509", "-nodes", *curve, "-subj", "/O=Example/CN=Root", "-keyout", "root-key.pem",
        "-out", "root.pem", "-days", "3650", "-extensions", "ca",
    )  # fmt: skip
    _openssl(
        folder, "req", *curve, "-subj", "/O=Example/CN=Issuing", "-passout", "pass:correct horse", "-keyout",
        "issuing-key.pem", "-out", "issuing.csr",
    )  # fmt: skip
    _openssl(
        folder, "x509", "-req", "-in", "issuing.csr", "-CA", "root.pem", "-CAkey", "root-key.pem", "-days", "1000",
        "-extfile", "openssl.cnf", "-extensions", "issuing", "-out", "issuing.pem",
    )  # fmt: skip
    (folder / "issuing-key.pem").chmod(0o600)
    (folder / "root-key.pem").unlink()  # offline
    phrase = folder / "phrase"
    phrase.touch(mode=0o600)
    phrase.write_text("correct horse\n")


def _spec(folder: Path, etcd: Binary) -> str:
    client, peer, metrics = free_ports(3)
    return (
        f'version: 1\ncluster:\n  name: chain\n  endpoints: [https://127.0.0.1:{client}]\n  etcd: "{etcd.version}"\n'
        f"  members:\n    - {{name: etcd-1, hosts: [127.0.0.1], data-dir: {json.dumps(str(folder / 'data'))},"
        f" client: https://127.0.0.1:{client}, peer: https://127.0.0.1:{peer}, metrics: http://127.0.0.1:{metrics}}}\n"
        "pki:\n  file: {ca: issuing.pem, key: issuing-key.pem, chain: root.pem, passphrase: {file: phrase}}\n"
        "components:\n  - {name: inventory, grants: [{prefix: /inventory/, access: readwrite}]}\n"
    )


def test_etcd_and_openssl_accept_what_it_issues(tmp_path: Path, etcd: Binary) -> None:
    """All the way by ringfence's own verbs, on a real etcd: root logs in, and openssl verifies strictly."""
    _by_openssl(tmp_path)
    (tmp_path / "ringfence.yaml").write_text(_spec(tmp_path, etcd))
    for verb in (("certs", "issue"), ("render", "etcd", "--out", "etcd"), ("certs", "renew", "inventory")):
        ran = ringfence(*verb, folder=tmp_path)
        assert 0 == ran.code, ran.err
    pki = tmp_path / "pki"
    for name, purpose in (("etcd-1-server", "sslserver"), ("root", "sslclient"), ("inventory", "sslclient")):
        leaf = str(pki / f"{name}.pem")
        strict = ("verify", "-x509_strict", "-purpose", purpose, "-CAfile", str(pki / "ca.pem"), "-untrusted", leaf)
        assert "OK" in _openssl(tmp_path, *strict, leaf)
    (tmp_path / "data").mkdir(mode=0o700)
    config = tmp_path / "etcd" / "etcd-1" / "etcd.conf.yml"
    settings = yaml.safe_load(config.read_text())
    config.write_text(json.dumps({**settings, "unsafe-no-fsync": True}))
    member = LocalMember(
        name="etcd-1", config=config, log=tmp_path / "etcd-1.log", metrics=settings["listen-metrics-urls"]
    )
    with LocalCluster(etcd.path, [member]):
        for name in ("root", "inventory"):
            credentials = named_credentials(
                pki / "ca.pem", pki / f"{name}.pem", pki / f"{name}-key.pem", datetime.now(UTC) + timedelta(seconds=1)
            )

            async def look(credentials: object = credentials) -> int:
                async with Client(settings["advertise-client-urls"], credentials) as client:  # type: ignore[arg-type]
                    return await client.keys.count(EVERYTHING)

            assert 0 == asyncio.run(look())
