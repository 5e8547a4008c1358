"""``certs accept``: what passes every check is installed with its key; what fails waits on; nothing is half done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ringfence.errors import CertificateError
from ringfence.model.issuance import Condition
from tests.integration.pki.office import Office
from tests.integration.pki.outside import OutsideCa, openssl
from tests.unit.pki.making import CLIENT, LEAVES, ROOT, SERVER

NAMES = tuple(each.name for each in LEAVES)
_CLIENT = "basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\n"


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> OutsideCa:
    """A root that signs everything itself."""
    return OutsideCa.make(tmp_path_factory.mktemp("outside") / "ca", "Outside")


@pytest.fixture(scope="module")
def issuing(tmp_path_factory: pytest.TempPathFactory) -> OutsideCa:
    """An authority two steps below its root."""
    folder = tmp_path_factory.mktemp("chain")
    policy = OutsideCa.make(folder / "policy", "Policy", OutsideCa.make(folder / "root", "Top"))
    return OutsideCa.make(folder / "issuing", "Issuing", policy)


@pytest.fixture
def office(tmp_path: Path, ca: OutsideCa) -> Office:
    """A folder in which everything was asked for."""
    made = Office(tmp_path, ca)
    made.ask()
    return made


@pytest.fixture
def settled(tmp_path: Path, ca: OutsideCa) -> Office:
    """A folder with a client and root in use."""
    made = Office(tmp_path, ca, (CLIENT, ROOT))
    made.settle()
    return made


def test_everything_that_was_signed_is_installed(office: Office) -> None:
    """Each with the key that waited; the requests and the waiting keys are gone, and the list is content."""
    waiting = office.files()
    office.sign_all()
    result = office.accept(ca=office.ca.certificate)
    assert (NAMES, (), ()) == (result.accepted, result.problems, result.waiting)
    found = office.files()
    assert {"ca.pem"} | {f"{name}{part}.pem" for name in NAMES for part in ("", "-key")} == set(found)
    assert all(waiting[f"pending/{name}-key.pem"] == found[f"{name}-key.pem"] for name in NAMES)
    assert {Condition.GOOD} == {each.condition for each in office.listed().values()}
    assert [] == office.manifest
    assert not list(office.csr.glob("*.csr"))


def test_the_authority_is_told_by_its_fingerprint(office: Office) -> None:
    """As OpenSSL shows it, the first time and then no more."""
    office.sign_all()
    (authority,) = office.accept(ca=office.ca.certificate).authorities
    shown = openssl("x509", "-in", str(office.ca.certificate), "-noout", "-fingerprint", "-sha256", cwd=office.folder)
    assert authority.sha256 == shown.strip().split("=")[1]
    again = office.accept(ca=office.ca.certificate)
    assert ((), (), NAMES) == (again.authorities, again.accepted, tuple(sorted(again.unchanged, key=NAMES.index)))


def test_a_part_is_accepted_and_the_rest_is_waited_for(office: Office) -> None:
    """What was not signed yet waits with its key."""
    office.sign_all(("calico", "etcd-1-server"))
    result = office.accept(ca=office.ca.certificate)
    assert ("calico", "etcd-1-server") == result.accepted
    assert ["root", "etcd-1-peer", "edge"] == [each.name for each in result.waiting]
    office.sign_all()
    assert ("root", "etcd-1-peer", "edge") == office.accept().accepted


def test_named_files_may_be_anywhere_and_hold_anything(office: Office) -> None:
    """One file with every certificate and the authority, in no order, under no name that tells anything."""
    signed = [office.ca.sign(office.csr / each["csr"]) for each in office.manifest]
    bundle = office.folder / "mail.txt"
    bundle.write_text("\n".join([*signed[::-1], office.ca.certificate.read_text(), *signed[:1]]))
    result = office.accept(bundle, ca=office.ca.certificate)
    assert (set(NAMES), ()) == (set(result.accepted), result.problems)


def _apart(office: Office, signed: str) -> Path:
    """The intermediates in files of their own."""
    (office.csr / "calico.pem").write_text(signed)
    above = office.ca.above
    assert above is not None
    (office.csr / "zzz.crt").write_text(office.ca.certificate.read_text() + above.certificate.read_text())
    return _top(office).certificate


def _upside_down(office: Office, signed: str) -> Path:
    """One file, the root first and the certificate last."""
    (office.csr / "calico.pem").write_text(_chain(office) + signed)
    return _top(office).certificate


def _in_the_bundle(office: Office, signed: str) -> Path:
    """The intermediates come with the root, once."""
    (office.csr / "calico.pem").write_text(signed)
    (office.folder / "bundle.pem").write_text(_chain(office))
    return office.folder / "bundle.pem"


def _top(office: Office) -> OutsideCa:
    top = office.ca
    while top.above is not None:
        top = top.above
    return top


def _chain(office: Office) -> str:
    above = office.ca.above
    assert above is not None
    return "".join(each.certificate.read_text() for each in (_top(office), above, office.ca))


@pytest.mark.parametrize("deliver", [_apart, _upside_down, _in_the_bundle])
def test_intermediates_go_into_the_certificates_file(
    tmp_path: Path, issuing: OutsideCa, deliver: Callable[[Office, str], Path]
) -> None:
    """Wherever they came from, so that OpenSSL believes the file by the root alone; ``ca.pem`` has the root alone."""
    office = Office(tmp_path, issuing, (CLIENT,))
    office.ask()
    ca = deliver(office, issuing.sign(office.csr / "calico.csr"))
    result = office.accept(ca=ca)
    assert (("calico",), ()) == (result.accepted, result.problems)
    assert _top(office).certificate.read_bytes() == office.files()["ca.pem"]
    path = str(office.store.certificate_path("calico"))
    assert 3 == Path(path).read_text().count("BEGIN CERTIFICATE")
    strict = ("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", str(office.store.certificate_path("ca")))
    openssl(*strict, "-untrusted", path, path, cwd=tmp_path)
    assert Condition.GOOD is office.listed()["calico"].condition


def test_an_intermediate_alone_can_be_trusted(tmp_path: Path, issuing: OutsideCa) -> None:
    """Then it is all of ``ca.pem``, and what its root signs elsewhere gets in nowhere."""
    office = Office(tmp_path, issuing, (CLIENT, ROOT))
    office.ask()
    office.sign_all(("calico",))
    (office.csr / "root.pem").write_text(_top(office).sign(office.csr / "root.csr"))
    result = office.accept(ca=issuing.certificate)
    assert ("calico",) == result.accepted
    assert "does not lead up to the trusted authority (its issuer is O=Top)" in result.problems[0].what
    assert issuing.certificate.read_bytes() == office.files()["ca.pem"]


def test_a_missing_intermediate_is_told(tmp_path: Path, issuing: OutsideCa) -> None:
    """With the issuer's name; once it is there too, the same certificate passes."""
    office = Office(tmp_path, issuing, (CLIENT,))
    office.ask()
    office.sign_all()
    refused = office.accept(ca=_top(office).certificate)
    assert "does not lead up to the trusted authority (its issuer is O=Issuing)" in refused.problems[0].what
    (office.csr / "chain.pem").write_text(_chain(office))
    assert ("calico",) == office.accept(ca=_top(office).certificate).accepted


BAD = {
    "another name": ({"options": ("-subj", "/CN=root")}, "has the Common Name 'root' and must have 'calico' alone"),
    "two names": ({"options": ("-subj", "/CN=calico/CN=root")}, "has 2 Common Names ('calico' and 'root')"),
    "a server": ({"overruled": f"{_CLIENT}extendedKeyUsage = serverAuth, clientAuth"}, "may be shown by a server"),
    "no usage": ({"overruled": _CLIENT}, "may not be shown by a client: its usages are none"),
    "an authority": (
        {"overruled": "basicConstraints = critical, CA:TRUE\nextendedKeyUsage = clientAuth"},
        "is an authority and must be a client certificate",
    ),
    "a host": (
        {"overruled": f"{_CLIENT}extendedKeyUsage = clientAuth\nsubjectAltName = DNS:etcd-1.internal"},
        "stands for hosts that nobody asked for: etcd-1.internal",
    ),
    "too long": ({"days": 400}, "is valid for 400 d, asked were 90 d"),
    "expired": ({"options": ("-startdate", "20200101000000Z", "-enddate", "20200301000000Z")}, "expired on 2020-03-01"),
    "not yet": (
        {"options": ("-startdate", "20490101000000Z", "-enddate", "20490201000000Z")},
        "is not valid before 2049-01-01",
    ),
    "weak": ({"options": ("-md", "sha1")}, "its signature is made with SHA1, which is too weak"),
}


@pytest.mark.parametrize(("arguments", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_certificate_is_refused_and_the_others_are_not(
    office: Office, arguments: dict[str, object], reason: str
) -> None:
    """One is wrong: it is told with its file, and waits; the same request signed rightly is accepted afterwards."""
    key = office.files()["pending/calico-key.pem"]
    office.sign_all()
    path = office.csr / "calico.pem"
    path.write_text(office.ca.sign(office.csr / "calico.csr", *arguments.get("options", ()), **_rest(arguments)))  # type: ignore[misc, arg-type]  # a table of its arguments
    result = office.accept(ca=office.ca.certificate)
    assert reason in " ".join(each.what for each in result.problems)
    assert {(str(path), True)} == {(str(each.place), bool(each.hint)) for each in result.problems}
    assert set(NAMES) - {"calico"} == set(result.accepted)
    assert ["calico"] == [each.name for each in result.waiting]
    assert key == office.files()["pending/calico-key.pem"]
    assert not {"calico.pem", "calico-key.pem"} & set(office.files())
    office.sign_all()
    assert (("calico",), ()) == (office.accept().accepted, office.accept().problems)


def _rest(arguments: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in arguments.items() if name != "options"}


def test_a_certificate_for_another_key_is_refused(office: Office) -> None:
    """The name is right, and nobody here has its key."""
    made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", "k.pem", "-subj", "/CN=calico")
    openssl("req", "-new", *made, "-out", "other.csr", cwd=office.folder)
    (office.csr / "calico.pem").write_text(office.ca.sign(office.folder / "other.csr"))
    result = office.accept(ca=office.ca.certificate)
    assert ["does not belong to the key that waits for calico"] == [each.what for each in result.problems]


def test_what_nobody_asked_for_is_refused(settled: Office) -> None:
    """Another certificate for a name that has one, and one for nobody."""
    made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", "k.pem", "-subj", "/CN=calico")
    openssl("req", "-new", *made, "-out", "other.csr", cwd=settled.folder)
    for name in ("calico", "stranger"):
        (settled.csr / f"{name}.pem").write_text(settled.ca.sign(settled.folder / "other.csr"))
    before = settled.files()
    found = [each.what for each in settled.accept().problems]
    expected = [
        "nobody asked for this certificate for calico",
        "no request waits for this certificate (its subject is CN=calico)",
    ]
    assert expected == found
    assert before == settled.files()


def test_two_answers_to_one_request_are_not_chosen_from(office: Office) -> None:
    """Both are named; when one is gone the other is taken, and the same one twice is one."""
    for name in ("calico", "copy", "later"):
        (office.csr / f"{name}.pem").write_text(office.ca.sign(office.csr / "calico.csr"))
    (office.csr / "copy.pem").write_bytes((office.csr / "calico.pem").read_bytes())
    (problem,) = office.accept(ca=office.ca.certificate).problems
    assert problem.what.startswith("there are different certificates for calico: ")
    (office.csr / "later.pem").unlink()
    assert ("calico",) == office.accept(ca=office.ca.certificate).accepted


def test_broken_files_do_not_keep_good_ones_away(office: Office) -> None:
    """Every problem of every file at once, and what is good is installed."""
    office.sign_all()
    der = ("x509", "-in", "calico.pem", "-outform", "der", "-out", "calico.cer")
    openssl(*der, cwd=office.csr)
    (office.csr / "calico.pem").write_text("")
    (office.csr / "root.pem").write_text((office.csr / "root.pem").read_text() + "-----BEGIN PRIVATE KEY-----\n")
    result = office.accept(ca=office.ca.certificate)
    assert ["this is DER", "the certificate file is empty", "there is a private key in it"] == [
        each.what.split(",")[0] for each in result.problems
    ]
    assert ("etcd-1-server", "etcd-1-peer", "edge") == result.accepted


def test_a_named_file_that_is_not_there_is_told(office: Office) -> None:
    """A typing error does not pass for having nothing to do."""
    (problem,) = office.accept(office.folder / "nowhere.pem", ca=office.ca.certificate).problems
    assert "there is no such file" in problem.what


def test_the_authority_must_be_named_once(office: Office) -> None:
    """Without it nothing can be believed; nothing is written."""
    office.sign_all()
    before = office.files()
    with pytest.raises(CertificateError, match="not known yet which authority to trust") as refused:
        office.accept()
    assert "--ca FILE" in str(refused.value.problems[0].hint)
    assert before == office.files()


def test_the_wrong_authority_is_not_kept(office: Office, issuing: OutsideCa) -> None:
    """Nothing that was signed leads up to it: ``ca.pem`` is not written, and the right one can be named next."""
    office.sign_all()
    assert set(NAMES) == {each.name for each in office.accept(ca=issuing.certificate).waiting}
    assert "ca.pem" not in office.files()
    assert NAMES == office.accept(ca=office.ca.certificate).accepted


def test_another_authority_later_is_refused(settled: Office, issuing: OutsideCa) -> None:
    """What runs trusts the first one; both fingerprints can be compared, and nothing changes."""
    before = settled.files()
    with pytest.raises(CertificateError, match=r"another authority than the one in .*ca\.pem: SHA-256 [0-9A-F:]{95}"):
        settled.accept(ca=issuing.certificate)
    assert before == settled.files()


def test_a_renewed_pair_takes_the_place_of_the_old_one(settled: Office) -> None:
    """A new key and its certificate, together; the certificate of before is no problem where it still lies."""
    before = settled.files()
    settled.ask(renew=("calico",))
    waiting = settled.files()["pending/calico-key.pem"]
    assert (("calico",), ()) == (settled.accept().unchanged[:1], settled.accept().problems)
    settled.sign_all()
    assert ("calico",) == settled.accept().accepted
    pair = settled.store.read_pair("calico")
    assert pair.key is not None
    assert pair.certificate is not None
    assert waiting == pair.key.content != before["calico-key.pem"]
    assert before["calico.pem"] in settled.files().values()
    assert Condition.GOOD is settled.listed()["calico"].condition


def test_a_crash_before_the_end_is_tidied(settled: Office) -> None:
    """The pair is in use and its key and request still lie there: the next run removes them and asks for nothing."""
    key = settled.store.key_path("calico")
    left = settled.store.directory / "pending" / "calico-key.pem"
    left.touch(mode=0o600)
    left.write_bytes(key.read_bytes())
    result = settled.ask()
    assert ((), ()) == (result.made, result.waiting)
    assert not left.exists()
    assert key.exists()


_ACCEPT = """
import sys
from pathlib import Path
from tests.integration.pki.office import Office
from tests.integration.pki.outside import OutsideCa
from tests.unit.pki.making import CLIENT, LEAVES, ROOT
ca = OutsideCa(Path(sys.argv[2]), "Outside")
wanted = LEAVES if len(sys.argv) == 3 else (CLIENT, ROOT)
result = Office(Path(sys.argv[1]), ca, wanted).accept(ca=ca.certificate)
print(len(result.accepted), len(result.unchanged), len(result.problems), len(result.waiting))
"""


def test_two_that_accept_at_once_do_it_once(office: Office) -> None:
    """One of the processes accepts, the other finds it done, and every pair fits."""
    office.sign_all()
    arguments = [sys.executable, "-c", _ACCEPT, str(office.folder), str(office.ca.folder)]
    running = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = sorted(each.communicate()[0].strip() for each in running)
    assert ["0 5 0 0", "0 5 0 0", "5 0 0 0"] == told
    assert {Condition.GOOD} == {each.condition for each in office.listed().values()}


def test_nothing_is_half_installed_when_the_disk_is_full(office: Office) -> None:
    """There is room for the key and not for the certificate: neither is in use, and it is accepted later."""
    office = office.with_requests(CLIENT, ROOT)
    office.ask()
    office.sign_all(("root",))
    office.accept(ca=office.ca.certificate)
    office.sign_all()
    before = office.files()
    limited = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))\n"
    arguments = [sys.executable, "-B", "-c", limited + _ACCEPT, str(office.folder), str(office.ca.folder), "two"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert "FileError" in done.stderr
    assert before == office.files()
    assert ("calico",) == office.accept().accepted


def test_hosts_must_be_just_those_of_the_spec(office: Office) -> None:
    """A member with one more or one less is refused, and with its own is accepted: by an authority that copies none."""
    base = (
        "basicConstraints = critical, CA:FALSE\nextendedKeyUsage = serverAuth, clientAuth\nsubjectAltName = critical, "
    )
    right = "IP:10.0.0.1, DNS:etcd-1.internal, IP:::1"
    path = office.csr / "etcd-1-server.pem"
    for hosts, reason in (
        ("IP:10.0.0.1, IP:::1", "lacks etcd-1.internal among its hosts"),
        (f"{right}, DNS:*.internal", "stands for hosts that nobody asked for: *.internal"),
    ):
        path.write_text(office.ca.sign(office.csr / "etcd-1-server.csr", overruled=base + hosts))
        (problem,) = office.accept(ca=office.ca.certificate).problems
        assert f"the certificate for etcd-1-server {reason}" == problem.what
    path.write_text(office.ca.sign(office.csr / "etcd-1-server.csr", overruled=base + right))
    assert (SERVER.name,) == office.accept(ca=office.ca.certificate).accepted


def test_the_command_of_the_page_signs_what_is_accepted(office: Office) -> None:
    """As docs/outside-authority.md tells the other department, letter by letter."""
    page = (Path(__file__).parents[3] / "docs" / "outside-authority.md").read_text(encoding="utf-8")
    (command,) = (line for line in page.splitlines() if line.startswith("openssl x509 -req"))
    for name in ("ca.pem", "ca-key.pem"):
        (office.csr / name).write_bytes((office.ca.folder / name).read_bytes())
    for name in NAMES:
        openssl(*command.replace("NAME", name).split()[1:], cwd=office.csr)
    (office.csr / "ca-key.pem").unlink()
    assert NAMES == office.accept(ca=office.ca.certificate).accepted
