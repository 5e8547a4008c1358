"""``ringfence render kube-apiserver``."""

from __future__ import annotations

import click

from ringfence.cli.options import Verb
from ringfence.cli.render import writing
from ringfence.cli.render.flags import IDENTITY, OUT
from ringfence.errors import InputError


@click.command("kube-apiserver", cls=Verb)
@IDENTITY
@click.option(
    "--format", "form",
    type=click.Choice(["flags", "static-pod", "kubeadm", "kubeadm-patch", "systemd", "k3s", "rke2", "kubespray"]),
    default="flags", show_default=True,
    help="Plain flags; the static pod of --in patched; kubeadm's ClusterConfiguration; a patch for kubeadm --patches, "
    "made from the static pod of --in; a drop-in for the unit of --in; the configuration of k3s or RKE2 servers; "
    "kubespray's variables.",
)  # fmt: skip
@click.option("--in", "manifest", metavar="FILE", help="The static pod, kube-apiserver.yaml; with systemd the unit.")
@click.option("--kubeadm-api", type=click.Choice(["v1beta3", "v1beta4"]), help="Default: by the release in the spec.")
@OUT
def command(identity: str | None, form: str, manifest: str | None, kubeadm_api: str | None, out: str | None) -> None:
    """The flags with which a kube-apiserver reaches its own keys."""
    from ringfence.ops.rendering import configuration as render
    from ringfence.ops.rendering import machines as render_machines
    from ringfence.render.manifests import heads

    spec = writing.spec()
    if form in {each.value for each in render_machines.MachineForm}:
        given = None if manifest is None else (writing.manifest(manifest), manifest)
        chosen = render_machines.MachineForm(form)
        writing.show(render_machines.render_machine(spec, identity, chosen, given, kubeadm_api), out)
        return
    component = render.kube_apiserver(spec, identity)
    if form == "static-pod":
        if manifest is None:
            raise InputError.of("the static pod is patched in place of being made anew", hint="name it with --in")
        patched = render.patch_static_pod(spec, component, writing.manifest(manifest), manifest)
        writing.deliver(patched, heads.static_pod(), manifest, out, component.version, "Kubernetes", private=False)
        return
    writing.show(render.render_kube_apiserver(spec, component, render.ApiserverForm(form)), out)
