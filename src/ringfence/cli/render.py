"""``ringfence render``: one subcommand for each thing that is configured."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ringfence.cli import output
from ringfence.cli.options import Verb, spec_path
from ringfence.errors import FileError, InputError, Place

if TYPE_CHECKING:
    from ringfence.model.credentials import Credentials
    from ringfence.model.names import UserName
    from ringfence.model.version import Version
    from ringfence.render.patch import Patched
    from ringfence.spec.shape import Spec

_OUT = click.option("--out", metavar="FILE", help="Where to write it; default: stdout.")
_OUT_PRIVATE = click.option(
    "--out", metavar="FILE", help="Where to write it, mode 0600; default: stdout, without keys."
)
_WITH_KEYS = click.option("--with-keys", is_flag=True, help="Print private keys too; never to a terminal.")
_IDENTITY = click.option("--identity", metavar="NAME", help="Which one, where the spec has several.")


@click.group("render")
def command() -> None:
    """Write the configuration of etcd and of the components.

    Files are written whole or not at all, and only where they differ from what is there.
    """


@command.command("etcd", cls=Verb)
@click.option("--out", metavar="DIR", required=True, help="The folder: DIR/MEMBER/etcd.conf.yml, etcd.env and flags.")
def etcd(out: str) -> None:
    """Each member's configuration, as file, environment and flags; and the flags of each gateway."""
    from ringfence.ops.render import render_etcd

    _publish({Path(out) / name: text for name, text in render_etcd(_spec()).items()}, private=False)


@command.command("kube-apiserver", cls=Verb)
@_IDENTITY
@click.option(
    "--format", "form", type=click.Choice(["flags", "static-pod", "kubeadm"]), default="flags", show_default=True,
    help="Plain flags, the static pod of --in patched, or kubeadm's ClusterConfiguration.",
)  # fmt: skip
@click.option("--in", "manifest", metavar="FILE", help="The static pod, kube-apiserver.yaml.")
@_OUT
def kube_apiserver(identity: str | None, form: str, manifest: str | None, out: str | None) -> None:
    """The flags with which a kube-apiserver reaches its own keys."""
    from ringfence.ops import render

    spec = _spec()
    component = render.kube_apiserver(spec, identity)
    if form == "static-pod":
        if manifest is None:
            raise InputError.of("the static pod is patched in place of being made anew", hint="name it with --in")
        patched = render.patch_static_pod(spec, component, _manifest(manifest), manifest)
        _deliver(patched, manifest, out, component.version, "Kubernetes", private=False)
        return
    _show(render.render_kube_apiserver(spec, component, render.ApiserverForm(form)), out)


@command.command("calico", cls=Verb)
@click.option("--in", "manifest", metavar="FILE", help="Calico's hosted manifest, calico-etcd.yaml or canal-etcd.yaml.")
@click.option(
    "--format", "form", type=click.Choice(["manifest", "helm-values"]), default="manifest", show_default=True,
    help="The manifest of --in patched, or values for the chart that makes it (one identity only).",
)  # fmt: skip
@_OUT_PRIVATE
@_WITH_KEYS
def calico(manifest: str | None, form: str, out: str | None, with_keys: bool) -> None:
    """Calico's hosted manifest with endpoints, Secrets and paths filled in; every other byte is kept."""
    from ringfence.ops import render_calico

    spec, keys = _spec(), _keys(with_keys, out)
    if form == "helm-values":
        values, notice = render_calico.render_helm_values(spec, _login(spec), with_keys=keys)
        output.note(notice)
        _show(values, out, private=True)
        return
    if manifest is None:
        raise InputError.of("there is no manifest to patch", hint="name Calico's calico-etcd.yaml with --in")
    patched = render_calico.render_manifest(spec, _manifest(manifest), manifest, _login(spec), with_keys=keys)
    _deliver(patched, manifest, out, render_calico.calico(spec).version, "Calico", private=True)


@command.command("calicoctl", cls=Verb)
@_IDENTITY
@click.option("--in", "manifest", metavar="FILE", help="The manifest of the calicoctl Pod, calicoctl-etcd.yaml.")
@click.option("--out", metavar="DIR|FILE", required=True, help="A folder for its configuration, or the patched Pod.")
def calicoctl(identity: str | None, manifest: str | None, out: str) -> None:
    """A calicoctl's configuration file and environment; with --in, its Pod."""
    from ringfence.ops import render_calico

    spec = _spec()
    if manifest is None:
        files = render_calico.render_calicoctl(spec, identity)
        _publish({Path(out) / name: text for name, text in files.items()}, private=False)
        return
    patched = render_calico.render_calicoctl_pod(
        spec, identity, _manifest(manifest), manifest, _login(spec), with_keys=True
    )
    _deliver(patched, manifest, out, render_calico.calico(spec).version, "Calico", private=True)


@command.command("cni", cls=Verb)
@_OUT
def cni(out: str | None) -> None:
    """The CNI configuration list for hosts that are not set up by the manifest."""
    from ringfence.ops.render_calico import render_cni

    _show(render_cni(_spec()), out)


def _environment(program: str) -> click.Command:
    @click.command(program, cls=Verb, help=f"The environment file of {program}, for hosts without the manifest.")
    @_OUT
    def environment(out: str | None) -> None:
        from ringfence.ops.render_calico import render_environment

        _show(render_environment(_spec(), program), out)

    return environment


for _program in ("calico-node", "kube-controllers", "felix"):
    command.add_command(_environment(_program))


@command.command("openstack", cls=Verb)
@_OUT
def openstack(out: str | None) -> None:
    """The section of neutron's configuration for Calico; the password is referred to, never written."""
    from ringfence.ops.render_calico import render_openstack

    _show(render_openstack(_spec()), out)


def _spec() -> Spec:
    from ringfence.ops.load import load

    return load(spec_path(), datetime.now(UTC).date())[0]


def _login(spec: Spec) -> Callable[[UserName], Credentials]:
    """Where the certificates and keys of identities come from: the pki folder of the spec."""
    from ringfence.pki.login import stored_credentials
    from ringfence.pki.store import Store

    store, now = Store(spec.pki.directory), datetime.now(UTC)
    return lambda identity: stored_credentials(store, identity, identity, now)


def _keys(with_keys: bool, out: str | None) -> bool:
    """Whether private keys belong into the result."""
    if with_keys and out is None and sys.stdout.isatty():
        raise InputError.of("a private key is not printed to a terminal", hint="use --out FILE, or a pipe")
    return with_keys or out is not None


def _deliver(
    patched: Patched, manifest: str, out: str | None, version: Version | None, product: str, *, private: bool
) -> None:
    if version and patched.version and version.line != patched.version.line:
        output.note(f"{manifest}: this is {product} {patched.version}, the spec says {version}")
    for change in patched.changes:
        output.note(f"  ~ {change}")
    for notice in patched.notices:
        output.note(f"  ! {notice}")
    _show(patched.text, out, private=private)


def _show(text: str, out: str | None, *, private: bool = False) -> None:
    if out is None:
        output.raw(text)
    else:
        _publish({Path(out): text}, private=private)


def _publish(files: Mapping[Path, str], *, private: bool) -> None:
    from ringfence.ops.publish import publish

    written = publish(files, private=private)
    for path in files:
        output.note(f"{'wrote' if path in written else 'unchanged'} {path}")


def _manifest(file: str) -> str:
    from ringfence.ops.render import manifest_text

    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise FileError.of(f"cannot be read: {error.strerror}", place=Place(file), hint="name it with --in") from None
    return manifest_text(content, file)
