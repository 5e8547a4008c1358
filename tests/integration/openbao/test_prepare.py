"""``certs prepare`` on a real server: dry by default, the same the second time, and never a second CA."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.errors import Place
from ringfence.pki.chain import load_chain
from ringfence.pki.pem import PemFile
from tests.integration.openbao.conftest import Desk
from tests.integration.openbao.making import root_folder

ROLES = ("ringfence-client-inventory", "ringfence-peer-etcd-1-peer", "ringfence-root", "ringfence-server-etcd-1-server")


def _choice(desk: Desk, way: str) -> tuple[str, ...]:
    if way == "--generate-root":
        return (way,)
    return (way, str(root_folder(desk.folder / "root", path_length=1)))


@pytest.mark.parametrize("way", ["--import-ca", "--sign-with", "--generate-root"])
def test_dry_then_done_then_nothing_left(desk: Desk, way: str) -> None:
    """Exit 2 and nothing changed, exit 0 and all of it, exit 0 and no change; then certificates are issued."""
    choice = _choice(desk, way)
    dry = desk.prepare(*choice)
    assert 2 == dry.code, dry.err
    assert f"a PKI engine at {desk.mount}" in dry.out
    assert 1 == desk.run("certs", "issue").code
    done = desk.prepare(*choice, "--yes")
    assert 0 == done.code, done.err
    again = desk.run("-o", "json", "certs", "prepare", "--token-file", "token", *choice)
    assert (0, []) == (again.code, again.json["changes"])
    issued = desk.run("certs", "issue")
    assert 0 == issued.code, issued.err
    chain = load_chain(PemFile((desk.folder / "pki" / "inventory.pem").read_bytes(), Place("inventory.pem")))
    assert (2 if way == "--sign-with" else 1) == len(chain)
    listed = desk.run("-o", "json", "certs", "list").json["certificates"]
    assert {"good"} == {each["condition"] for each in listed}


def test_each_change_is_a_command_of_bao(desk: Desk) -> None:
    """What is shown can be typed, and holds no secret."""
    shown = desk.prepare("--import-ca", str(root_folder(desk.folder / "root")), "--commands")
    assert f"bao secrets enable -path={desk.mount} -max-lease-ttl=315360000s pki" in shown.out
    assert f"bao write {desk.mount}/config/ca pem_bundle=@BUNDLE.pem" in shown.out
    for role in ROLES:
        assert f"bao write {desk.mount}/roles/{role} " in shown.out
    assert desk.bao.token not in shown.out


def test_a_role_that_somebody_widened_is_a_change(desk: Desk) -> None:
    """One parameter written by hand is seen, and put back."""
    assert 0 == desk.prepare("--generate-root", "--yes").code
    found = dict(desk.get(f"{desk.mount}/roles/ringfence-client-inventory").part("data").content)
    desk.post(f"{desk.mount}/roles/ringfence-client-inventory", {**found, "allow_any_name": True})
    dry = desk.prepare()
    assert (2, True) == (dry.code, "role ringfence-client-inventory: allow_any_name" in dry.out)
    assert 0 == desk.prepare("--yes").code
    assert 0 == desk.prepare().code


def test_roles_of_others_are_left_alone(desk: Desk) -> None:
    """A role of an identity that is gone is named, and stays."""
    assert 0 == desk.prepare("--generate-root", "--yes").code
    desk.write("  - {name: other, grants: [{prefix: /other/, access: read}]}\n")
    changed = desk.prepare("--yes")
    assert "role ringfence-client-inventory is of no identity in the spec, and is left alone" in changed.out
    assert "inventory" in str(desk.get(f"{desk.mount}/roles/ringfence-client-inventory").part("data").content)


def test_without_a_ca_one_has_to_be_chosen(desk: Desk) -> None:
    """None is made by mistake."""
    refused = desk.prepare("--yes")
    assert 1 == refused.code
    assert "the PKI engine has no CA" in refused.err
    assert "--import-ca DIR, --sign-with DIR, or --generate-root" in refused.err


@pytest.mark.parametrize("way", ["--import-ca", "--sign-with"])
def test_another_ca_never_takes_the_place_of_one(desk: Desk, way: str) -> None:
    """An engine that has a CA keeps it."""
    assert 0 == desk.prepare("--generate-root", "--yes").code
    refused = desk.prepare(*_choice(desk, way), "--yes")
    assert (1, True) == (refused.code, "the PKI engine has another CA already" in refused.err)


def test_a_root_that_may_sign_no_authority_is_refused(desk: Desk) -> None:
    """The built-in authority has path length 0: etcd would refuse everything below an intermediate of it."""
    folder = root_folder(desk.folder / "root", path_length=0)
    refused = desk.prepare("--sign-with", str(folder), "--yes")
    assert (1, True) == (refused.code, "this authority may sign no other authority" in refused.err)
    assert 0 == desk.prepare("--import-ca", str(folder), "--yes").code


def test_a_key_with_a_passphrase(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens with the passphrase in the environment, and with no other."""
    folder = str(root_folder(desk.folder / "root", passphrase=b"a long passphrase"))
    monkeypatch.delenv("RINGFENCE_CA_PASSPHRASE", raising=False)
    assert "the key is protected by a passphrase" in desk.prepare("--import-ca", folder, "--yes").err
    monkeypatch.setenv("RINGFENCE_CA_PASSPHRASE", "another one")
    refused = desk.prepare("--import-ca", folder, "--yes")
    assert (1, False) == (refused.code, "another one" in refused.err)
    monkeypatch.setenv("RINGFENCE_CA_PASSPHRASE", "a long passphrase")
    done = desk.prepare("--import-ca", folder, "--yes")
    assert (0, False) == (done.code, "a long passphrase" in done.out), done.err


def test_an_engine_that_is_there_already_is_used(desk: Desk) -> None:
    """One that was mounted by hand may sign for 32 days at most; that is changed, and nothing else of it."""
    desk.post(f"sys/mounts/{desk.mount}", {"type": "pki"})
    done = desk.prepare("--generate-root", "--yes")
    assert (0, True) == (done.code, f"the PKI engine at {desk.mount} may sign for 3650 d" in done.out), done.err
    assert (0, "") == (desk.prepare().code, desk.prepare().err)
    assert 0 == desk.run("certs", "issue").code


def test_an_engine_of_another_kind_is_refused(desk: Desk) -> None:
    """Secrets of somebody may be there."""
    desk.post(f"sys/mounts/{desk.mount}", {"type": "kv"})
    refused = desk.prepare("--generate-root", "--yes")
    assert (1, True) == (refused.code, "an engine of another kind is mounted there: kv" in refused.err)


def test_it_needs_a_token_and_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a file or the environment; the one with which certificates are issued is not tried."""
    for name in ("BAO_TOKEN", "VAULT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    refused = desk.run("certs", "prepare", "--generate-root")
    assert (1, True) == (refused.code, "there is none" in refused.err)
    monkeypatch.setenv("BAO_TOKEN", desk.bao.token)
    assert 2 == desk.run("certs", "prepare", "--generate-root").code


def test_a_token_that_may_not_is_told_what_it_lacks(desk: Desk) -> None:
    """The line of a policy that would do is in the hint."""
    assert 0 == desk.prepare("--generate-root", "--yes").code
    login = desk.token_with(f"{desk.mount}.ringfence-issuer")
    desk.keep("weak", login.token)
    refused = desk.run("certs", "prepare", "--token-file", "weak")
    assert 1 == refused.code
    assert f'path "sys/mounts/{desk.mount}" {{ capabilities = ["read"] }}' in refused.err
    assert login.token not in refused.err + repr(login)


def test_a_token_that_others_may_read_is_refused(desk: Desk) -> None:
    """As with every secret."""
    path: Path = desk.folder / "token"
    path.chmod(0o644)
    refused = desk.prepare("--generate-root")
    assert (1, True) == (refused.code, "others may read" in refused.err)
