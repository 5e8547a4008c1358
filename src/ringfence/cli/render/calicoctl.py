"""``ringfence render calicoctl``."""

from __future__ import annotations

from pathlib import Path

import click

from ringfence.cli.options import Verb
from ringfence.cli.render import writing
from ringfence.cli.render.flags import IDENTITY


@click.command("calicoctl", cls=Verb, has_json=False)
@IDENTITY
@click.option("--in", "manifest", metavar="FILE", help="The manifest of the calicoctl Pod, calicoctl-etcd.yaml.")
@click.option("--out", metavar="DIR|FILE", required=True, help="A folder for its configuration, or the patched Pod.")
def command(identity: str | None, manifest: str | None, out: str) -> None:
    """A calicoctl's configuration file and environment; with --in, its Pod."""
    from ringfence.ops.rendering import calico as render_calico
    from ringfence.render.manifests import heads

    spec = writing.spec()
    if manifest is None:
        files = render_calico.render_calicoctl(spec, identity)
        writing.tell_folder(spec, files.values())
        writing.publish({Path(out) / name: text for name, text in files.items()}, private=False)
        return
    patched = render_calico.render_calicoctl_pod(
        spec, identity, writing.manifest(manifest), manifest, writing.login(spec), with_keys=True
    )
    version = render_calico.calico(spec).version
    writing.deliver(patched, heads.calicoctl_pod(), manifest, out, version, "Calico", private=True)
