"""``render secrets``, ``render kustomize`` and the machines' formats as a user calls them, with real files."""

from __future__ import annotations

import base64
import contextlib
import os
import pty
import shlex
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding

from tests.integration.site import Ran, ringfence
from tests.unit.render import component_manifests, manifests

_HEADER = """\
version: 1
cluster:
  name: prod
  endpoints: [https://10.0.0.1:2379]
  members: [{name: etcd-1, hosts: [10.0.0.1]}, {name: etcd-2, hosts: [10.0.0.2]}]
pki: {directory: pki}
"""
_COMPONENTS = "[{use: kube-apiserver, compaction: etcd}, {use: calico, segmentation: %s}]"
_SECRETS = {
    "calico-node-etcd-secrets": "calico-node",
    "calico-cni-etcd-secrets": "calico-cni",
    "calico-kube-controllers-etcd-secrets": "calico-kube-controllers",
}
_AGE = "age1" + "q" * 58


@pytest.fixture(scope="module")
def _issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with certificates for both segmentations."""
    folder = tmp_path_factory.mktemp("issued")
    for segmentation in ("single", "component"):
        (folder / "ringfence.yaml").write_text(f"{_HEADER}components: {_COMPONENTS % segmentation}\n")
        assert 0 == ringfence("certs", "issue", folder=folder).code
    return folder


@pytest.fixture
def folder(_issued: Path, tmp_path: Path) -> Path:
    """A copy of it, with a manifest of each kind."""
    shutil.copytree(_issued, tmp_path, dirs_exist_ok=True)
    (tmp_path / "calico.yaml").write_text(component_manifests.HOSTED)
    (tmp_path / "single.yaml").write_text(manifests.HOSTED)
    (tmp_path / "pod.yaml").write_text(component_manifests.APISERVER)
    return tmp_path


def _render(folder: Path, *args: str) -> Ran:
    return ringfence("render", *args, folder=folder)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _pki(folder: Path, name: str) -> str:
    return base64.b64encode((folder / "pki" / name).read_bytes()).decode()


def _tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_secrets_in_files(folder: Path) -> None:
    """One for each program, with its own pair, for the owner alone; the second time nothing is written."""
    ran = _render(folder, "secrets", "--out", "out")
    assert (0, 3) == (ran.code, ran.err.count("wrote"))
    for name, identity in _SECRETS.items():
        path = folder / "out" / f"{name}.yaml"
        assert 0o600 == _mode(path)
        read = yaml.safe_load(path.read_text())
        assert (name, "kube-system") == (read["metadata"]["name"], read["metadata"]["namespace"])
        assert {
            "etcd-key": _pki(folder, f"{identity}-key.pem"),
            "etcd-cert": _pki(folder, f"{identity}.pem"),
            "etcd-ca": _pki(folder, "ca.pem"),
        } == read["data"]
    assert 3 == _render(folder, "secrets", "--out", "out").err.count("unchanged")


def test_secrets_on_stdout(folder: Path) -> None:
    """Keys only when asked for; the namespace and the identities as they were named."""
    args = ("secrets", "--namespace", "net", "--identity", "kube-apiserver", "--identity", "calico-cni")
    without = [*yaml.safe_load_all(_render(folder, *args).out)]
    assert ["kube-apiserver-etcd-secrets", "calico-cni-etcd-secrets"] == [one["metadata"]["name"] for one in without]
    assert {"net"} == {one["metadata"]["namespace"] for one in without}
    assert not any("etcd-key" in one["data"] for one in without)
    withed = [*yaml.safe_load_all(_render(folder, *args, "--with-keys").out)]
    assert all(one["data"]["etcd-key"] for one in withed)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not here")
def test_kubectl_reads_the_secrets(folder: Path) -> None:
    """Kubernetes' own parser takes each file, comments and all."""
    assert 0 == _render(folder, "secrets", "--out", "out").code
    files = ", ".join(f"{name}.yaml" for name in _SECRETS)
    (folder / "out" / "kustomization.yaml").write_text(f"resources: [{files}]\n")
    ran = subprocess.run(["kubectl", "kustomize", "out"], cwd=folder, capture_output=True, text=True, check=True)
    assert set(_SECRETS) == {one["metadata"]["name"] for one in yaml.safe_load_all(ran.stdout)}


def _controller(folder: Path, *, days: int = 30) -> rsa.RSAPrivateKey:
    """The certificate of a controller as a file, and its key."""
    key = rsa.generate_private_key(65537, 4096)
    name, now = x509.Name([]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    builder = builder.not_valid_before(now - timedelta(days=60)).not_valid_after(now + timedelta(days=days))
    (folder / "seal.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return key


def _opened(key: rsa.RSAPrivateKey, text: str, label: str) -> bytes:
    content = base64.b64decode(text)
    length = int.from_bytes(content[:2], "big")
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label.encode())
    return AESGCM(key.decrypt(content[2 : 2 + length], oaep)).decrypt(bytes(12), content[2 + length :], None)


def test_sealed_secrets(folder: Path) -> None:
    """The controller's key opens them; they are not made again until a certificate is another."""
    key = _controller(folder)
    args = ("secrets", "--seal-with", "seal.pem", "--out", "sealed")
    assert 3 == _render(folder, *args).err.count("wrote")
    for name, identity in _SECRETS.items():
        path = folder / "sealed" / f"{name}.yaml"
        assert 0o644 == _mode(path)
        sealed: Any = yaml.safe_load(path.read_text())["spec"]["encryptedData"]
        for field, file in (
            ("etcd-key", f"{identity}-key.pem"),
            ("etcd-cert", f"{identity}.pem"),
            ("etcd-ca", "ca.pem"),
        ):
            assert (folder / "pki" / file).read_bytes() == _opened(key, sealed[field], f"kube-system/{name}")
    assert 3 == _render(folder, *args).err.count("unchanged")
    for file in ("calico-cni.pem", "calico-cni-key.pem"):
        (folder / "pki" / file).unlink()
    assert 0 == ringfence("certs", "issue", folder=folder).code
    ran = _render(folder, *args)
    assert ["wrote sealed/calico-cni-etcd-secrets.yaml"] == [line for line in ran.err.splitlines() if "wrote" in line]


@pytest.mark.skipif(shutil.which("kubeseal") is None, reason="kubeseal is not here")
def test_kubeseal_opens_what_was_sealed(folder: Path) -> None:
    """With the controller's key, and not as a Secret of another name."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:4096", "-nodes", "-subj", "/CN=seal", "-days", "9"]
    subprocess.run([*command, "-keyout", "seal.key", "-out", "seal.pem"], cwd=folder, check=True, capture_output=True)
    assert 0 == _render(folder, "secrets", "--seal-with", "seal.pem", "--out", "sealed").code
    text = (folder / "sealed" / "calico-node-etcd-secrets.yaml").read_text()
    unseal = ["kubeseal", "--recovery-unseal", "--recovery-private-key", "seal.key", "--format", "yaml"]
    done = subprocess.run(unseal, cwd=folder, input=text, capture_output=True, text=True, check=True)
    opened = yaml.safe_load(done.stdout)
    assert {"etcd-ca", "etcd-cert", "etcd-key"} == opened["data"].keys()
    assert _pki(folder, "calico-node-key.pem") == opened["data"]["etcd-key"]
    other = text.replace("name: calico-node-etcd-secrets", "name: calico-cni-etcd-secrets")
    refused = subprocess.run(unseal, cwd=folder, input=other, capture_output=True, text=True, check=False)
    assert 0 != refused.returncode


def test_for_sops(folder: Path) -> None:
    """The rule and what git ignores are open; the plain Secrets are not, and lie where the rule looks."""
    ran = _render(folder, "secrets", "--sops-age", _AGE, "--out", "git")
    assert 0 == ran.code
    assert {".sops.yaml", ".gitignore", *(f"plain/{name}.yaml" for name in _SECRETS)} == _tree(folder / "git")
    assert {0o600} == {_mode(path) for path in (folder / "git" / "plain").iterdir()}
    assert _AGE == yaml.safe_load((folder / "git" / ".sops.yaml").read_text())["creation_rules"][0]["age"]


@pytest.mark.skipif(not (shutil.which("sops") and shutil.which("age-keygen")), reason="sops and age are not here")
def test_sops_takes_the_rule(folder: Path) -> None:
    """With the command in the head: data are encrypted, the rest is not, and it comes back as it was."""
    ran = subprocess.run(["age-keygen", "-o", folder / "age.key"], capture_output=True, text=True, check=True)
    recipient = next(word for word in (ran.stdout + ran.stderr).split() if word.startswith("age1"))
    assert 0 == _render(folder, "secrets", "--out", "secrets", "--sops-age", recipient).code
    out, name = folder / "secrets", "calico-node-etcd-secrets.yaml"
    plain = (out / "plain" / name).read_text()
    environ = {**os.environ, "SOPS_AGE_KEY_FILE": str(folder / "age.key")}
    encrypt = next(line.split("`")[1] for line in plain.splitlines() if "`sops --encrypt" in line)
    subprocess.run(shlex.split(encrypt), cwd=out, check=True, env=environ)
    encrypted = yaml.safe_load((out / name).read_text())
    assert all(value.startswith("ENC[") for value in encrypted["data"].values())
    assert "calico-node-etcd-secrets" == encrypted["metadata"]["name"]
    assert plain.splitlines()[-1] not in (out / name).read_text()
    decrypt = ["sops", "--decrypt", name]
    back = subprocess.run(decrypt, cwd=out, check=True, env=environ, capture_output=True, text=True).stdout
    assert yaml.safe_load(plain) == yaml.safe_load(back)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("secrets", "--identity", "nobody", "--identity", "none"), "no identity none"),
        (("secrets", "--namespace", "Kube_System"), "no name of a namespace"),
        (("secrets", "--seal-with", "nowhere.pem"), "no such file"),
        (("secrets", "--seal-with", "pki/ca.pem"), "no RSA key"),
        (("secrets", "--seal-with", "pki/calico-cni-key.pem"), "private key"),
        (("secrets", "--sops-age", _AGE), "several files"),
        (("secrets", "--sops-age", "age1x", "--sops-pgp", "AB", "--out", "out"), "no fingerprint of PGP"),
        (("secrets", "--sops-age", _AGE, "--seal-with", "pki/ca.pem", "--out", "out"), "need no SOPS"),
        (("kustomize", "--in", "nowhere.yaml", "--out", "out"), "cannot be read"),
        (("kustomize", "--in", "pod.yaml", "--out", "out"), "found no"),
        (("kube-apiserver", "--format", "systemd"), "made from a file"),
        (("kube-apiserver", "--format", "kubeadm-patch"), "made from a file"),
        (("kube-apiserver", "--format", "kubeadm-patch", "--in", "calico.yaml"), "found no Pod"),
        (("kube-apiserver", "--format", "k3s", "--in", "pod.yaml"), "not made from a file"),
        (("kube-apiserver", "--format", "k3s", "--kubeadm-api", "v1beta3"), "no version of kubeadm"),
        (("kube-apiserver", "--format", "kubespray", "--identity", "other"), "these kube-apiservers"),
        (("kube-apiserver", "--format", "rke2"), "as rke2 needs: none"),
        (("etcd", "--out", "out", "--systemd", "etc"), "no absolute path"),
    ],
)
def test_bad_input(folder: Path, args: tuple[str, ...], said: str) -> None:
    """Said with what to do; nothing is written."""
    before = _tree(folder)
    ran = _render(folder, *args)
    assert 1 == ran.code
    assert said in ran.err
    assert "hint:" in ran.err
    assert before == _tree(folder)


@pytest.mark.parametrize("verb", [("secrets",), ("kustomize", "--in", "calico.yaml")])
def test_a_missing_certificate(folder: Path, verb: tuple[str, ...]) -> None:
    """Every one is named by ``secrets``, and no part of the tree is written."""
    for name in ("calico-cni", "calico-kube-controllers"):
        (folder / "pki" / f"{name}.pem").unlink()
    before = _tree(folder)
    ran = _render(folder, *verb, "--out", "out")
    assert 1 == ran.code
    assert "there is no certificate for calico-cni" in ran.err
    assert ("secrets" in verb) == ("there is no certificate for calico-kube-controllers" in ran.err)
    assert before == _tree(folder)


def test_no_calico(folder: Path) -> None:
    """Secrets of pods that are not there are refused; one that is named is made."""
    (folder / "ringfence.yaml").write_text(f"{_HEADER}components: [{{use: kube-apiserver, compaction: etcd}}]\n")
    assert "the spec has no calico" in _render(folder, "secrets").err
    assert 0 == _render(folder, "secrets", "--identity", "kube-apiserver").code
    assert 1 == _render(folder, "kustomize", "--in", "calico.yaml", "--out", "out").code


def test_by_node(folder: Path) -> None:
    """No Secret fits each node: what runs once has one, and the others are named."""
    components = "[{use: calico, segmentation: node, identity: shared}]"
    (folder / "ringfence.yaml").write_text(f"{_HEADER}components: {components}\nnodes: [n1, n2]\n")
    ran = _render(folder, "secrets")
    assert 0 == ran.code, ran.err
    assert ["calico-kube-controllers-etcd-secrets"] == [one["metadata"]["name"] for one in yaml.safe_load_all(ran.out)]
    assert ["calico-node", "calico-cni"] == [line.split()[1].rstrip(":") for line in ran.err.splitlines()]


@pytest.mark.parametrize("with_keys", [False, True])
def test_an_overlay_in_files(folder: Path, *, with_keys: bool) -> None:
    """Only files with keys are closed to others; the second time nothing is written."""
    args = ("kustomize", "--in", "calico.yaml", "--out", "out", *(["--with-keys"] if with_keys else []))
    ran = _render(folder, *args)
    assert 0 == ran.code
    assert with_keys == ("secrets.yaml" in _tree(folder / "out"))
    assert with_keys != ("not in the overlay" in ran.err)
    closed = {path.name for path in (folder / "out").rglob("*.yaml") if 0o600 == _mode(path)}
    assert ({"secrets.yaml", "calico.yaml"} if with_keys else set()) == closed
    assert component_manifests.HOSTED == (folder / "out" / "calico.yaml").read_text()
    assert "wrote" not in _render(folder, *args).err


@pytest.mark.parametrize(
    ("bootstrap", "good"),
    [
        ("{prefix: /bootstrap, beyond-slash: true, access: readwrite}", True),
        ("{prefix: /bootstrap, beyond-slash: true, access: read}", False),
        ("{prefix: /bootstrap/, access: readwrite}", False),
    ],
)
def test_k3s_needs_what_it_keeps_beside(folder: Path, bootstrap: str, *, good: bool) -> None:
    """Only an identity that the server can start with; its listing of /bootstrap covers more than /bootstrap/."""
    grants = f"[{{prefix: /blue/, access: readwrite}}, {bootstrap}]"
    (folder / "ringfence.yaml").write_text(f"{_HEADER}components: [{{name: k3s, grants: {grants}}}]\n")
    ran = _render(folder, "kube-apiserver", "--format", "k3s")
    assert (0 if good else 1) == ran.code
    assert good == ("etcd-prefix=/blue\n" in ran.out)
    assert good == ("beyond-slash: true" not in ran.err)


def test_kubeadm_in_both_versions(folder: Path) -> None:
    """The version that was asked for, whatever the release; each with the head that says how to apply it."""
    for api, kind in (("v1beta3", dict), ("v1beta4", list)):
        text = _render(folder, "kube-apiserver", "--format", "kubeadm", "--kubeadm-api", api).out
        read = yaml.safe_load(text)
        assert f"kubeadm.k8s.io/{api}" == read["apiVersion"]
        assert isinstance(read["apiServer"]["extraArgs"], kind)
        assert "# Apply:" in text
        assert "# Undo:" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("of", ["etcd", "kube-apiserver"])
def test_systemd_takes_the_drop_ins(folder: Path, of: str) -> None:
    """Units with their drop-ins are verified by systemd itself; a broken one is refused by the same check."""
    units = folder / "units"
    drop_in = units / f"{of}.service.d" / "50-ringfence.conf"
    units.mkdir()
    program = shutil.copy("/bin/true", folder / "kube-apiserver")
    command = program if of == "kube-apiserver" else "/bin/true"
    unit = units / f"{of}.service"
    unit.write_text(f"[Unit]\nDescription=one\n[Service]\nExecStart={command} --v=2 \\\n  --etcd-prefix=/old\n")
    if of == "etcd":
        assert 0 == _render(folder, "etcd", "--out", "out", "--systemd", "/etc/etcd").code
        text = (folder / "out" / "etcd-1" / "etcd.service.d" / drop_in.name).read_text()
        text = text.replace("ExecStart=etcd ", "ExecStart=true ")  # it need not be installed
    else:
        text = _render(folder, "kube-apiserver", "--format", "systemd", "--in", str(unit)).out
    drop_in.parent.mkdir()
    for content, good in ((text, True), (text.replace("ExecStart=\n", ""), False)):
        drop_in.write_text(content)
        ran = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
        )
        mine = [line for line in ran.stderr.splitlines() if of in line]
        assert good == (not mine), ran.stderr


def test_secrets_that_nobody_uses(folder: Path) -> None:
    """Where certificates come another way it is said, and nothing is said of an identity that was named."""
    text = (
        (folder / "ringfence.yaml")
        .read_text()
        .replace("segmentation: component", "segmentation: component, deliver: hostpath")
    )
    (folder / "ringfence.yaml").write_text(text)
    assert "certificates come by hostpath" in _render(folder, "secrets").err
    assert "" == _render(folder, "secrets", "--identity", "calico-node").err


def test_keys_are_not_shown_on_a_terminal(folder: Path) -> None:
    """Through a pipe they are; on a terminal they are refused, and what is sealed is not."""
    _controller(folder)
    piped = subprocess.run(_command("--with-keys"), cwd=folder, capture_output=True, text=True, check=False)
    assert (0, True) == (piped.returncode, "etcd-key" in piped.stdout)
    for args, code in ((("--with-keys",), 1), (("--with-keys", "--seal-with", "seal.pem"), 0)):
        ran, shown = _on_terminal(folder, *args)
        assert (code, bool(code)) == (ran, "not printed to a terminal" in shown)
        assert _pki(folder, "calico-node-key.pem") not in shown


def _command(*args: str) -> list[str]:
    return [sys.executable, "-m", "ringfence", "render", "secrets", *args]


def _on_terminal(folder: Path, *args: str) -> tuple[int, str]:
    """The exit code and everything that a terminal shows."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(_command(*args), cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the end of a terminal is an error on Linux
            while piece := os.read(ours, 65536):
                shown += piece
    os.close(ours)
    return process.returncode, shown.decode()
