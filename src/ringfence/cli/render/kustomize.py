"""``ringfence render kustomize``."""

from __future__ import annotations

from pathlib import Path

import click

from ringfence.cli import output
from ringfence.cli.options import Verb
from ringfence.cli.render import writing
from ringfence.cli.render.flags import ISSUER


@click.command("kustomize", cls=Verb, has_json=False)
@click.option("--in", "manifest", metavar="FILE", required=True, help="Calico's hosted manifest, as it was released.")
@click.option("--in-name", metavar="NAME", help="How kustomize finds it: a folder or a URL; default: a copy in DIR.")
@click.option("--out", metavar="DIR", required=True, help="The folder of the overlay.")
@click.option(
    "--deliver", type=click.Choice(["secret", "hostpath", "openbao-agent", "vault-agent", "cert-manager"]),
    help="How certificates come into the pods; default: deliver of the spec, or secret.",
)  # fmt: skip
@ISSUER
@click.option("--with-keys", is_flag=True, help="Put the Secrets with their keys into DIR too, mode 0600.")
def command(
    manifest: str, in_name: str | None, out: str, deliver: str | None, issuer: str | None, with_keys: bool
) -> None:
    """An overlay that does to Calico's hosted manifest what `render calico` does in it."""
    from ringfence.ops.rendering.calico import calico
    from ringfence.ops.rendering.kustomize import render_kustomize

    spec, folder = writing.spec(), Path(out)
    made, patched = render_kustomize(
        spec,
        writing.manifest(manifest),
        manifest,
        writing.login(spec),
        base=in_name,
        way=deliver,
        issuer=None if issuer is None else writing.issuer(issuer),
        with_keys=with_keys,
    )
    writing.told(patched, manifest, calico(spec).version, "Calico")
    if made.left_out:
        output.note(f"  ! not in the overlay: Secret {', '.join(made.left_out)}; make them with `render secrets`")
    writing.several(made.private, folder, private=True)
    writing.several(made.public, folder, private=False)
