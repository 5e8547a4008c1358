"""Roles and policies as files beside the manifest: written to a real server by their own script, and taken back."""

from __future__ import annotations

import os
import subprocess

import pytest

from ringfence.errors import AuthorityError
from ringfence.local.openbao import find_bao
from ringfence.pki.openbao.login import JwtLogin
from tests.integration.openbao.conftest import Desk
from tests.integration.openbao.making import JwtIssuer
from tests.integration.openbao.pods import LONG, login_of, token, write_spec
from tests.integration.site import Ran
from tests.unit.render.component_manifests import HOSTED


def _render(desk: Desk, *args: str) -> Ran:
    (desk.folder / "hosted.yaml").write_text(HOSTED)
    return desk.run("render", "calico", "--in", "hosted.yaml", "--out", "pods/", *args)


def _script(desk: Desk, name: str) -> None:
    """Run a script as an operator would, from another folder."""
    programs = desk.folder / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "bao").unlink(missing_ok=True)
    (programs / "bao").symlink_to(find_bao())
    environ = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(desk.folder),
        "BAO_ADDR": desk.bao.address,
        "BAO_TOKEN": desk.bao.token,
    }
    script = desk.folder / "pods" / "openbao" / name
    done = subprocess.run(["sh", script], env=environ, cwd="/", capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr


def _about_pods(desk: Desk) -> list[str]:
    """What ``certs prepare`` would still change for pods that draw."""
    found = desk.run("-o", "json", "certs", "prepare", "--token-file", "token").json["changes"]
    words = ("drawn-", "proof-", "login", "believes", "ringfence-calico-")
    return [each["what"] for each in found if any(word in each["what"] for word in words)]


def test_the_script_does_what_prepare_does(desk: Desk) -> None:
    """After it nothing is left for ``certs prepare``, however often it runs, and pods draw; then the way back."""
    issuer = JwtIssuer()
    assert 0 == desk.prepare("--generate-root", "--yes").code
    write_spec(desk, issuer)
    rendered = _render(desk)
    assert 0 == rendered.code, rendered.err
    before = _about_pods(desk)
    for _ in range(2):
        _script(desk, "apply.sh")
        assert [] == _about_pods(desk)
    pod = JwtLogin(login_of(desk), "ringfence-calico-node", token(issuer, "n1"))
    path = f"{desk.mount}/issue/ringfence-drawn-calico-node"
    desk.post(path, {"common_name": "calico-node.n1"}, pod)
    with pytest.raises(AuthorityError):
        desk.post(path, {"common_name": "calico-node.n2"}, pod)
    _script(desk, "undo.sh")
    with pytest.raises(AuthorityError):
        desk.post(path, {"common_name": "calico-node.n1"}, pod)
    kept = ("a login by JWT", "whose tokens")  # the method stays
    wanted = {each.partition(":")[0] for each in before if not each.startswith(kept)}
    assert wanted == {each.partition(":")[0] for each in _about_pods(desk)}


def test_the_folder_has_everything_that_pods_need(desk: Desk) -> None:
    """Manifest, agents, roles, policies, scripts and how to use them; a second time nothing is written."""
    write_spec(desk, JwtIssuer())
    first = _render(desk)
    assert 0 == first.code, first.err
    folder = desk.folder / "pods"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    kinds = {f"{kind}-calico-{name}" for kind in ("drawn", "proof") for name in ("node", "cni", "kube-controllers")}
    accounts = ("calico-node", "calico-kube-controllers")
    assert {
        "hosted.yaml",
        "README.md",
        *(f"openbao/{name}" for name in ("apply.sh", "undo.sh", "login.json")),
        *(f"openbao/login-roles/ringfence-{name}.json" for name in accounts),
        *(f"openbao/policies/{desk.mount}.ringfence-{name}.hcl" for name in accounts),
        *(f"openbao/pki-roles/ringfence-{name}.json" for name in kinds),
        *(f"openbao/pki-roles/ringfence-drawn-calico-{name}.{LONG}.json" for name in ("node", "cni")),
        *(f"agent/{account}/{name}" for account in accounts for name in ("first.hcl", "always.hcl", "ca.tpl")),
        *(f"agent/calico-node/{name}.tpl" for name in ("calico-node", "calico-cni")),
        "agent/calico-kube-controllers/calico-kube-controllers.tpl",
    } == files
    again = _render(desk)
    assert "wrote" not in again.err
    assert not any("PRIVATE KEY" in (folder / file).read_text() for file in files)


def test_vault_is_told_by_its_own_command(desk: Desk) -> None:
    """The same files, and scripts that call ``vault``."""
    write_spec(desk, JwtIssuer())
    assert 0 == _render(desk, "--deliver", "vault-agent").code
    text = (desk.folder / "pods/openbao/apply.sh").read_text()
    assert "vault policy write" in text
    assert "bao " not in text.replace("openbao", "")


def test_keys_that_cannot_be_read_leave_nothing_behind(desk: Desk) -> None:
    """The file that says whose tokens are believed holds none: said, and not half of the folder is there."""
    write_spec(desk, JwtIssuer())
    (desk.folder / "sa.pub").write_text("nothing")
    refused = _render(desk)
    assert 1 == refused.code
    assert "there is no public key in it" in refused.err
    assert not (desk.folder / "pods").exists()
