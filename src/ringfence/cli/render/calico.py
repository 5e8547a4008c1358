"""``ringfence render calico``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ringfence.cli import output
from ringfence.cli.options import Verb
from ringfence.cli.render import writing
from ringfence.cli.render.flags import ISSUER, WITH_KEYS
from ringfence.errors import InputError

if TYPE_CHECKING:
    from ringfence.spec.shape import Spec


@click.command("calico", cls=Verb, has_json=False)
@click.option("--in", "manifest", metavar="FILE", help="Calico's hosted manifest, calico-etcd.yaml or canal-etcd.yaml.")
@click.option(
    "--format", "form", type=click.Choice(["manifest", "helm-values"]), default="manifest", show_default=True,
    help="The manifest of --in patched, or values for the chart that makes it (one identity only).",
)  # fmt: skip
@click.option(
    "--deliver", type=click.Choice(["secret", "hostpath", "openbao-agent", "vault-agent", "cert-manager"]),
    help="How certificates come into the pods; default: deliver of the spec, or secret.",
)  # fmt: skip
@click.option("--objects", metavar="FILE", help="With cert-manager: where to write its Certificates and policies.")
@ISSUER
@click.option(
    "--out", metavar="FILE|DIR/",
    help="Where to write it, mode 0600; default: stdout, without keys. With an agent a folder, too: then roles and "
    "policies of the server lie beside it, with scripts that write them.",
)  # fmt: skip
@WITH_KEYS
def command(
    manifest: str | None,
    form: str,
    deliver: str | None,
    objects: str | None,
    issuer: str | None,
    out: str | None,
    with_keys: bool,
) -> None:
    """Calico's hosted manifest with endpoints, certificates and paths filled in; every other byte is kept.

    A head of comments says how it is applied and how that is undone.
    """
    from ringfence.ops.rendering import calico as render_calico
    from ringfence.ops.rendering import delivery as render_delivery
    from ringfence.render.manifests import heads

    spec, keys = writing.spec(), writing.keys(with_keys, out)
    if form == "helm-values":
        if manifest is not None or objects is not None or issuer is not None:
            hint = "leave them out, or leave --format helm-values out"
            raise InputError.of("--in, --objects and --issuer say nothing with --format helm-values", hint=hint)
        way = render_delivery.delivery(render_calico.calico(spec), deliver).way
        values, notice = render_calico.render_helm_values(spec, way, writing.login(spec), with_keys=keys)
        output.note(notice)
        writing.show(values, out, private=True)
        return
    if manifest is None:
        raise InputError.of("there is no manifest to patch", hint="name Calico's calico-etcd.yaml with --in")
    component = render_calico.calico(spec)
    chosen = render_delivery.delivery(component, deliver)
    patched = render_delivery.render_delivered(
        spec, chosen, writing.manifest(manifest), manifest, writing.login(spec), with_keys=keys
    )
    made = _objects(spec, chosen.way.value, objects, issuer)
    if chosen.way.is_agent and out is not None and (out.endswith("/") or Path(out).is_dir()):
        from ringfence.ops.rendering.agent import render_agent_files

        name = Path(manifest).name
        made = {Path(out) / path: text for path, text in render_agent_files(spec, chosen, name).items()}
        out = str(Path(out) / name)
    head = heads.hosted_manifest(canal=component.network == "canal")
    writing.deliver(patched, head, manifest, out, component.version, "Calico", private=True)
    writing.publish(made, private=False)


def _objects(spec: Spec, way: str, objects: str | None, issuer: str | None) -> dict[Path, str]:
    """What cert-manager is given, where it is the way."""
    from ringfence.ops.rendering.delivery import render_cert_manager

    if way != "cert-manager":
        if objects is not None or issuer is not None:
            hint = "leave --objects and --issuer out, or add --deliver cert-manager"
            raise InputError.of(f"certificates come by {way}, not by cert-manager", hint=hint)
        return {}
    if objects is None or issuer is None:
        hint = "add --issuer NAME and --objects FILE"
        raise InputError.of("cert-manager needs to know who signs, and its objects a file", hint=hint)
    return {Path(objects): render_cert_manager(spec, writing.issuer(issuer))}
