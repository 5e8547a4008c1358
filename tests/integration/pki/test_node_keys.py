"""Keys that are made where they are used: a script makes them, the request comes back, and the key never does."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.model.certificate import KeyType
from ringfence.model.issuance import Condition
from ringfence.model.names import NodeName
from ringfence.model.outside import Awaited
from ringfence.pki.folder.store import read_file
from ringfence.pki.outside.csr import csr_problems, load_csr
from tests.integration.pki.office import Office
from tests.integration.pki.outside import OutsideCa, openssl
from tests.unit.pki.making import CLIENT, LEAVES, ROOT, SERVER

ON_A = (
    replace(CLIENT, name="calico-node.a", common_name="calico-node.a", node=NodeName("a")),
    replace(CLIENT, name="calico-cni.a", common_name="calico-cni.a", node=NodeName("a")),
)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> OutsideCa:
    """A root that signs everything itself."""
    return OutsideCa.make(tmp_path_factory.mktemp("outside") / "ca", "Outside")


@pytest.fixture
def office(tmp_path: Path, ca: OutsideCa) -> Office:
    """A folder in which everything was asked for, and nothing has come back."""
    made = Office(tmp_path, ca, (ROOT, CLIENT, SERVER, *ON_A), keys_on_node=True)
    made.ask()
    return made


def _run(office: Office, script: str, folder: str = "node") -> Path:
    """Run one script on the machine that it is for."""
    made = office.folder / folder
    subprocess.run(["/bin/sh", str(office.csr / script), str(made)], check=True, capture_output=True)
    return made


def _bring(office: Office, made: Path, *names: str) -> None:
    for name in names:
        (office.csr / f"{name}.csr").write_bytes((made / f"{name}.csr").read_bytes())


def _came_back(office: Office) -> Path:
    """All scripts were run, and all requests are here."""
    for script in ("a.sh", "calico.sh", "etcd-1-server.sh"):
        made = _run(office, script)
    _bring(office, made, "calico", "etcd-1-server", "calico-node.a", "calico-cni.a")
    return made


def test_a_script_for_each_machine_and_no_key_here_but_roots(office: Office) -> None:
    """What is for one node is in one script; root logs in from here, so its key is made here."""
    assert {"a.sh", "calico.sh", "etcd-1-server.sh", "root.csr", "manifest.json"} == {
        each.name for each in office.csr.iterdir()
    }
    assert {"pending/root-key.pem"} == set(office.files())
    told = {each["name"]: (each["key_on_node"], each["script"]) for each in office.manifest}
    assert {
        "root": (False, None),
        "calico": (True, "calico.sh"),
        "etcd-1-server": (True, "etcd-1-server.sh"),
        "calico-node.a": (True, "a.sh"),
        "calico-cni.a": (True, "a.sh"),
    } == told


@pytest.mark.parametrize("key_type", [KeyType.ECDSA_P256, KeyType.ECDSA_P384, KeyType.ED25519, KeyType.RSA_2048])
def test_a_script_makes_what_the_spec_asks_for(tmp_path: Path, ca: OutsideCa, key_type: KeyType) -> None:
    """Every kind with every algorithm, as OpenSSL makes it and as ringfence reads it back."""
    made = Office(tmp_path, ca, LEAVES, keys_on_node=True, key_type=key_type)
    made.ask()
    for each in LEAVES:
        if each != ROOT:
            path = _run(made, f"{each.name}.sh") / f"{each.name}.csr"
            file = read_file(path, private=False)
            assert [] == [problem.what for problem in csr_problems(load_csr(file), file.place, each)]


def test_a_script_keeps_the_key_that_is_there(office: Office) -> None:
    """Run again it makes the request again and no new key; the key is for its owner alone."""
    made = _run(office, "calico.sh")
    key = (made / "calico-key.pem").read_bytes()
    _run(office, "calico.sh")
    assert key == (made / "calico-key.pem").read_bytes()
    assert 0o600 == stat.S_IMODE((made / "calico-key.pem").stat().st_mode)
    assert {"calico-key.pem", "calico.csr"} == {each.name for each in made.iterdir()}


def test_a_script_without_a_folder_does_nothing(office: Office, tmp_path: Path) -> None:
    """It says how it is used."""
    empty = tmp_path / "empty"
    empty.mkdir()
    done = subprocess.run(["/bin/sh", str(office.csr / "a.sh")], cwd=empty, capture_output=True, text=True, check=False)
    assert (1, True) == (done.returncode, done.stderr.startswith("usage: sh "))
    assert [] == list(empty.iterdir())


def test_what_comes_back_is_signed_and_accepted_without_its_key(office: Office) -> None:
    """The certificate lies here alone, is listed so, and nothing asks for it again."""
    assert {Awaited.REQUEST, Awaited.CERTIFICATE} == {each.awaited for each in office.ask().waiting}
    made = _came_back(office)
    assert {Awaited.CERTIFICATE} == {each.awaited for each in office.ask().waiting}
    office.sign_all()
    result = office.accept(ca=office.ca.certificate)
    assert (5, (), ()) == (len(result.accepted), result.problems, result.waiting)
    assert {"root-key.pem"} == {name for name in office.files() if name.endswith("-key.pem")}
    assert {Condition.GOOD} == {each.condition for each in office.listed().values()}
    assert {"ca", "root"} == {name for name, each in office.listed().items() if not each.key_on_node}
    assert ((), 5) == (office.ask().waiting, len(office.ask().kept))
    assert {"manifest.json"} == {each.name for each in office.csr.iterdir() if each.suffix != ".pem"}
    pair = (str(office.store.certificate_path("calico")), str(made / "calico-key.pem"))
    public = [openssl(verb, "-in", path, option, cwd=office.folder) for verb, path, option in _public(pair)]
    assert public[0].split("-----")[2] == public[1].split("-----")[2]


def _public(pair: tuple[str, str]) -> list[tuple[str, str, str]]:
    return [("x509", pair[0], "-pubkey"), ("pkey", pair[1], "-pubout")]


def _another_name(office: Office, made: Path) -> None:
    (office.csr / "calico.csr").write_bytes((made / "calico-cni.a.csr").read_bytes())


def _another_host(office: Office, made: Path) -> None:
    text = (office.csr / "etcd-1-server.sh").read_text().replace("10.0.0.1", "10.0.0.2")
    (office.csr / "etcd-1-server.sh").write_text(text)
    _bring(office, _run(office, "etcd-1-server.sh", "wrong"), "etcd-1-server")


def _cut_off(office: Office, made: Path) -> None:
    (office.csr / "calico.csr").write_bytes((made / "calico.csr").read_bytes()[:150])


def _with_its_key(office: Office, made: Path) -> None:
    both = (made / "calico.csr").read_bytes() + (made / "calico-key.pem").read_bytes()
    (office.csr / "calico.csr").write_bytes(both)


def _weak(office: Office, made: Path) -> None:
    new = ("-newkey", "rsa:1024", "-noenc", "-keyout", "/dev/null", "-subj", "/CN=calico")
    openssl("req", "-new", *new, "-out", str(office.csr / "calico.csr"), cwd=made)


@pytest.mark.parametrize(
    ("spoil", "name", "reason"),
    [
        (_another_name, "calico", "asks for 'calico-cni.a' and must ask for 'calico' alone"),
        (_another_host, "etcd-1-server", "lacks 10.0.0.1 among its hosts"),
        (_cut_off, "calico", "the request cannot be parsed"),
        (_with_its_key, "calico", "there is a private key in it"),
        (_weak, "calico", "its key is RSA with 1024 bits, which is too weak"),
    ],
)
def test_a_wrong_request_is_told_and_waited_for(
    office: Office, spoil: Callable[[Office, Path], None], name: str, reason: str
) -> None:
    """The others go on; it is told before anybody signs it, and accepted nowhere."""
    made = _came_back(office)
    spoil(office, made)
    waiting = {each.name: each for each in office.ask().waiting}
    assert (Awaited.REQUEST, reason) == (waiting[name].awaited, waiting[name].reasons[0].what)
    assert {Awaited.CERTIFICATE} == {each.awaited for other, each in waiting.items() if other != name}


def test_a_certificate_that_comes_before_its_request_is_not_believed(office: Office) -> None:
    """Nobody here can tell whose key it is for; with the request it is accepted."""
    made = _run(office, "calico.sh")
    (office.csr / "calico.pem").write_text(office.ca.sign(made / "calico.csr"))
    (problem,) = office.accept(ca=office.ca.certificate).problems
    assert "the request for calico is not here, so its key is not known" == problem.what
    _bring(office, made, "calico")
    assert ("calico",) == office.accept(ca=office.ca.certificate).accepted


def test_a_certificate_for_another_key_than_the_requests_is_refused(office: Office) -> None:
    """The machine made two requests, and the one that was signed is not the one that is here."""
    _bring(office, _run(office, "calico.sh", "first"), "calico")
    second = _run(office, "calico.sh", "second")
    (office.csr / "calico.pem").write_text(office.ca.sign(second / "calico.csr"))
    (problem,) = office.accept(ca=office.ca.certificate).problems
    assert "does not belong to the key that waits for calico" == problem.what


def test_one_key_for_two_is_refused(office: Office) -> None:
    """Whoever holds it would be both; each is told."""
    made = _run(office, "a.sh")
    (made / "calico-cni.a-key.pem").write_bytes((made / "calico-node.a-key.pem").read_bytes())
    _run(office, "a.sh")
    _bring(office, made, "calico-node.a", "calico-cni.a")
    office.sign_all(("calico-node.a",))
    result = office.accept(ca=office.ca.certificate)
    assert ["is for the same key as calico-cni.a", "is for the same key as calico-node.a"] == [
        each.what for each in result.problems[:2]
    ]
    assert () == result.accepted


def test_a_request_is_good_for_one_certificate(office: Office) -> None:
    """To renew, the machine makes a new key: the request of the one in use is told apart."""
    made = _came_back(office)
    office.sign_all()
    office.accept(ca=office.ca.certificate)
    _bring(office, made, "calico")
    assert () == office.ask().waiting
    (waiting,) = office.ask(renew=("calico",)).waiting
    assert "is for the key that is in use already" == waiting.reasons[0].what
    assert "a new folder" in str(waiting.reasons[0].hint)
    before = office.files()["calico.pem"]
    _bring(office, _run(office, "calico.sh", "node-2"), "calico")
    office.ask()
    office.sign_all(("calico",))
    assert ("calico",) == office.accept().accepted
    assert before != office.files()["calico.pem"]


def test_a_key_that_was_here_goes_aside_when_the_node_has_one(tmp_path: Path, ca: OutsideCa) -> None:
    """From keys here to keys on the node: no key of before lies beside the new certificate."""
    here = Office(tmp_path, ca, (CLIENT,))
    here.settle()
    key = here.files()["calico-key.pem"]
    here.ask(renew=("calico",))
    node = replace(here, keys_on_node=True)
    withdrawn = node.ask(renew=("calico",))
    assert withdrawn.set_aside is not None
    assert "pending/calico-key.pem" not in node.files()
    _bring(node, _run(node, "calico.sh"), "calico")
    node.ask()
    node.sign_all()
    result = node.accept()
    assert (("calico",), ()) == (result.accepted, result.problems)
    assert result.set_aside is not None
    assert key == (result.set_aside / "calico-key.pem").read_bytes()
    assert "calico-key.pem" not in node.files()
    assert Condition.GOOD is node.listed()["calico"].condition
