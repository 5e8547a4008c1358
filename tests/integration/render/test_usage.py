"""Every form that ``render`` writes says how it is applied and how that is undone: in it, or on a page beside it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ringfence.cli.render import command
from tests.integration.site import ringfence
from tests.unit.render import component_manifests, manifests

_SPEC = """\
version: 1
cluster:
  name: prod
  endpoints: [https://10.0.0.1:2379]
  paths: {pki: /etc/etcd/pki}
  members: [{name: etcd-1, hosts: [10.0.0.1]}]
  proxies: [{name: edge, kind: gateway, hosts: [10.0.0.9]}]
components:
  - {use: kube-apiserver, kubernetes: "1.32", compaction: etcd}
  - {use: calico, segmentation: SEGMENTATION}
  - {use: calico/openstack-driver, password: {file: openstack.password}}
  - name: k3s
    grants: [{prefix: /k3s/, access: readwrite}, {prefix: /bootstrap, beyond-slash: true, access: readwrite}]
"""
_OPENBAO = """\
pki:
  authority: openbao
  openbao: {address: 'https://bao:8200', mount: pki-etcd, auth: {method: token, token: {file: token}}}
"""
_APISERVER = ("kube-apiserver", "--out", "out/file", "--format")
_DELIVER = ("calico", "--in", "apart.yaml", "--out", "out/file", "--deliver")

FORMS: dict[tuple[str, ...], str] = {
    ("etcd", "--out", "out", "--systemd", "/etc/etcd"): "single",
    (*_APISERVER, "flags"): "single",
    (*_APISERVER, "static-pod", "--in", "apiserver.yaml"): "single",
    (*_APISERVER, "kubeadm"): "single",
    (*_APISERVER, "kubeadm-patch", "--in", "apiserver.yaml"): "single",
    (*_APISERVER, "systemd", "--in", "apiserver.service"): "single",
    (*_APISERVER, "k3s"): "single",
    (*_APISERVER, "rke2"): "single",
    (*_APISERVER, "kubespray"): "single",
    ("calico", "--format", "manifest", "--in", "single.yaml", "--out", "out/file"): "single",
    ("calico", "--format", "helm-values", "--out", "out/file"): "single",
    (*_DELIVER, "secret"): "component",
    (*_DELIVER, "hostpath"): "component",
    (*_DELIVER, "openbao-agent"): "agent",
    (*_DELIVER, "vault-agent"): "agent",
    ("calico", "--in", "apart.yaml", "--out", "out/", "--deliver", "openbao-agent"): "agent",
    (*_DELIVER, "cert-manager", "--issuer", "etcd", "--objects", "out/objects"): "component",
    ("calicoctl", "--out", "out"): "single",
    ("calicoctl", "--out", "out/file", "--in", "calicoctl.yaml"): "single",
    ("cni", "--out", "out/file"): "single",
    ("calico-node", "--out", "out/file"): "single",
    ("kube-controllers", "--out", "out/file"): "single",
    ("felix", "--out", "out/file"): "single",
    ("openstack", "--out", "out/file"): "single",
    ("secrets", "--out", "out"): "single",
    ("secrets", "--out", "out", "--seal-with", "seal.pem"): "single",
    ("secrets", "--out", "out", "--sops-age", "age1" + "q" * 58): "single",
    ("kustomize", "--in", "apart.yaml", "--out", "out"): "component",
    ("kustomize", "--in", "apart.yaml", "--out", "out", "--with-keys"): "component",
    ("kustomize", "--in", "apart.yaml", "--out", "out", "--deliver", "cert-manager", "--issuer", "etcd"): "component",
    ("ansible", "--out", "out"): "component",
}
"""Every command line with which something is written, and the spec that it is for."""


def _choices() -> Iterator[tuple[str, ...]]:
    """Every form that the command line knows: each subcommand, with each value of what chooses a form."""
    assert isinstance(command, click.Group)
    for name, verb in command.commands.items():
        yield (name,)
        for option in verb.params:
            if isinstance(option.type, click.Choice) and option.name in {"form", "deliver"} and name != "kustomize":
                yield from ((name, option.opts[0], choice) for choice in option.type.choices)
            elif isinstance(option, click.Option) and option.name in {"objects", "seal_with", "sops_age", "systemd"}:
                yield (name, option.opts[0])


def test_no_form_is_forgotten() -> None:
    """Whoever adds a subcommand, a format or a way of delivery adds it to the table above."""
    for choice in _choices():
        verb, *words = choice
        assert any(form[0] == verb and set(words) <= set(form) for form in FORMS), choice


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with certificates, and everything that forms are made from."""
    folder = tmp_path_factory.mktemp("site")
    for segmentation in ("single", "component"):
        (folder / "ringfence.yaml").write_text(_SPEC.replace("SEGMENTATION", segmentation))
        done = ringfence("certs", "issue", folder=folder)
        assert 0 == done.code, done.err
    (folder / "single.yaml").write_text(manifests.HOSTED)
    (folder / "apart.yaml").write_text(component_manifests.HOSTED)
    (folder / "apiserver.yaml").write_text(component_manifests.APISERVER)
    (folder / "apiserver.service").write_text("[Service]\nExecStart=/usr/bin/kube-apiserver --v=2\n")
    (folder / "calicoctl.yaml").write_text(component_manifests.CALICOCTL)
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=seal"]
    subprocess.run([*command, "-out", folder / "seal.pem"], check=True, capture_output=True)
    return folder


def _says_how(text: str) -> bool:
    """Whether it says both, in comments or on a page."""
    lines = [line.lstrip("#- ") for line in text.splitlines()]
    return all(any(line.startswith(word) for line in lines) for word in ("Apply", "Undo"))


def _told(file: Path, out: Path) -> bool:
    """Whether a file says how, or its page, or the page or the overlay of a folder that it is in."""
    folders = [folder for folder in file.parents if folder.is_relative_to(out)]
    pages = [folder / name for folder in folders for name in ("README.md", "kustomization.yaml")]
    beside = file.with_name(f"{file.name}.README.md")
    return any(_says_how(each.read_text()) for each in (file, beside, *pages) if each.is_file())


@pytest.mark.parametrize("args", FORMS, ids=lambda args: " ".join(args).replace("/", "_"))
def test_it_says_how_it_is_applied_and_undone(site: Path, tmp_path: Path, args: tuple[str, ...]) -> None:
    """Every file of it; and a second time nothing is written."""
    for each in site.iterdir():
        (tmp_path / each.name).symlink_to(each)
    (tmp_path / "ringfence.yaml").unlink()
    spec = _SPEC.replace("SEGMENTATION", "component" if FORMS[args] == "agent" else FORMS[args])
    (tmp_path / "ringfence.yaml").write_text(spec + (_OPENBAO if FORMS[args] == "agent" else ""))
    done = ringfence("render", *args, folder=tmp_path)
    assert 0 == done.code, done.err
    out = tmp_path / "out"
    files = [path for path in out.rglob("*") if path.is_file()]
    assert files
    assert [] == [str(path) for path in files if not _told(path, out)]
    if "--seal-with" not in args:  # which would give another text
        assert "wrote" not in ringfence("render", *args, folder=tmp_path).err


NAME_A_FOLDER = {"etcd", "kube-apiserver", "calicoctl", "cni", "calico-node", "kube-controllers", "felix", "openstack"}
"""What is rendered for programs on machines, but for ``ansible``, which insists on being told."""


@pytest.mark.parametrize("args", FORMS, ids=lambda args: " ".join(args).replace("/", "_"))
def test_a_folder_of_this_machine_is_told_of(site: Path, tmp_path: Path, args: tuple[str, ...]) -> None:
    """Where the spec does not say where certificates lie elsewhere; where it does, nothing is said."""
    if args[0] == "ansible" or FORMS[args] == "agent":
        pytest.skip("it never names this folder: one is refused without paths, the other is about pods")
    for each in site.iterdir():
        (tmp_path / each.name).symlink_to(each)
    spec = _SPEC.replace("SEGMENTATION", FORMS[args])
    (tmp_path / "ringfence.yaml").unlink()
    (tmp_path / "ringfence.yaml").write_text(spec)
    note = f"  ! certificates are named where they lie on this machine, in {tmp_path / 'pki'}; say in cluster.paths.pki"
    assert note not in ringfence("render", *args, folder=tmp_path).err
    (tmp_path / "ringfence.yaml").write_text(spec.replace("  paths: {pki: /etc/etcd/pki}\n", ""))
    done = ringfence("render", *args, folder=tmp_path)
    written = "".join(path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file())
    in_pods_or_elsewhere = "calicoctl.yaml" in args or "kubespray" in args  # which has a folder of its own for them
    expected = args[0] in NAME_A_FOLDER and not in_pods_or_elsewhere
    assert (0, expected) == (done.code, note in done.err)
    assert expected == (str(tmp_path / "pki") in written)


def test_files_of_an_api_server_are_told_of_by_the_spec(site: Path) -> None:
    """``files`` says where its certificates lie, and nothing more is asked for."""
    spec = _SPEC.replace("SEGMENTATION", "single").replace("  paths: {pki: /etc/etcd/pki}\n", "")
    (site / "ringfence.yaml").write_text(
        spec.replace("compaction: etcd", "compaction: etcd, files: /etc/kubernetes/pki")
    )
    done = ringfence("render", "kube-apiserver", folder=site)
    assert (0, "") == (done.code, done.err)
    (site / "ringfence.yaml").write_text(spec)
    assert "cluster.paths.pki" in ringfence("render", "kube-apiserver", folder=site).err


def test_what_goes_to_stdout_says_it_beside(site: Path) -> None:
    """JSON on stdout stays JSON; how it is used goes to stderr."""
    (site / "ringfence.yaml").write_text(_SPEC.replace("SEGMENTATION", "single"))
    done = ringfence("render", "cni", folder=site)
    assert done.out.startswith("{")
    assert _says_how(done.err)


@pytest.mark.parametrize("head", ["", "# mine\n", "\ufeff# mine\r\n"])
def test_a_manifest_keeps_its_own_head(site: Path, tmp_path: Path, head: str) -> None:
    """Ours is put above it, once, however often it is patched, and every other byte stays."""
    (tmp_path / "ringfence.yaml").write_text(_SPEC.replace("SEGMENTATION", "single"))
    (tmp_path / "pki").symlink_to(site / "pki")
    manifest = tmp_path / "apiserver.yaml"
    text = component_manifests.APISERVER
    manifest.write_bytes((head + (text.replace("\n", "\r\n") if "\r" in head else text)).encode())
    render = ("render", "kube-apiserver", "--format", "static-pod", "--in", "apiserver.yaml", "--out", "apiserver.yaml")
    assert 0 == ringfence(*render, folder=tmp_path).code
    once = manifest.read_bytes()
    assert 0 == ringfence(*render, folder=tmp_path).code
    assert once == manifest.read_bytes()
    assert 1 == once.count(b"# Apply:")
    assert once.startswith(head[:1].encode() if head.startswith("\ufeff") else b"# Static pod")
    assert head.removeprefix("\ufeff").encode() in once
    assert once.count(b"\n") == once.count(b"\r\n") or "\r" not in head
