"""``ringfence render``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from ringfence.cli import output
from ringfence.cli.options import Verb, spec_path
from ringfence.errors import FileError, InputError, Place


@click.group("render")
def command() -> None:
    """Write the configuration of etcd and of the components.

    Files are written whole or not at all, and only where they differ from what is there.
    """


@command.command("etcd", cls=Verb)
@click.option("--out", metavar="DIR", required=True, help="The folder: DIR/MEMBER/etcd.conf.yml, etcd.env and flags.")
def etcd(out: str) -> None:
    """Each member's configuration, as file, environment and flags; and the flags of each gateway."""
    from ringfence.ops.load import load
    from ringfence.ops.render import render_etcd

    spec, _ = load(spec_path(), datetime.now(UTC).date())
    files = {Path(out) / name: text for name, text in render_etcd(spec).items()}
    _publish(files, private=False)


@command.command("kube-apiserver", cls=Verb)
@click.option("--identity", metavar="NAME", help="Which one, where the spec has several.")
@click.option("--out", metavar="FILE", help="Where to write it; default: stdout.")
def kube_apiserver(identity: str | None, out: str | None) -> None:
    """The flags with which a kube-apiserver reaches its own keys."""
    from ringfence.ops.load import load
    from ringfence.ops.render import render_kube_apiserver

    spec, _ = load(spec_path(), datetime.now(UTC).date())
    text = render_kube_apiserver(spec, identity)
    if out is None:
        output.data(text)
    else:
        _publish({Path(out): text}, private=False)


@command.command("calico", cls=Verb)
@click.option("--in", "manifest", metavar="FILE", required=True, help="Calico's hosted manifest, calico-etcd.yaml.")
@click.option("--out", metavar="FILE", help="Where to write it, mode 0600; default: stdout, without the key.")
@click.option("--with-keys", is_flag=True, help="Print the private key too; never to a terminal.")
def calico(manifest: str, out: str | None, with_keys: bool) -> None:
    """Calico's hosted manifest with endpoints, Secret and paths filled in; every other byte is kept."""
    from ringfence.ops.load import load
    from ringfence.ops.render import calico_component, render_calico
    from ringfence.pki.login import stored_credentials
    from ringfence.pki.store import Store

    if with_keys and out is None and sys.stdout.isatty():
        raise InputError.of("a private key is not printed to a terminal", hint="use --out FILE, or a pipe")
    now = datetime.now(UTC)
    spec, _ = load(spec_path(), now.date())
    component = calico_component(spec)
    credentials = stored_credentials(Store(spec.pki.directory), component.identity, component.identity, now)
    patched = render_calico(spec, _read(manifest), manifest, credentials, with_keys=with_keys or out is not None)
    if component.version and patched.version and component.version.line != patched.version.line:
        output.note(f"{manifest}: this is Calico {patched.version}, the spec says {component.version}")
    for change in patched.changes:
        output.note(f"  ~ {change}")
    if out is None:
        output.raw(patched.text)
    else:
        _publish({Path(out): patched.text}, private=True)


def _publish(files: Mapping[Path, str], *, private: bool) -> None:
    from ringfence.ops.publish import publish

    written = publish(files, private=private)
    for path in files:
        output.note(f"{'wrote' if path in written else 'unchanged'} {path}")


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise FileError.of(f"cannot be read: {error.strerror}", place=Place(file), hint="name it with --in") from None
