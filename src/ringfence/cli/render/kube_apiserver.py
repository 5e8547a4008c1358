"""``ringfence render kube-apiserver``."""

from __future__ import annotations

import re

import click

from ringfence.cli.options import Verb
from ringfence.cli.render import writing
from ringfence.cli.render.flags import IDENTITY, OUT
from ringfence.errors import InputError

_ANNOTATION = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
"""The names of annotations that Kubernetes takes, but for how long they may be."""


@click.command("kube-apiserver", cls=Verb, has_json=False)
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
@click.option(
    "--annotation", "annotations", metavar="NAME=VALUE", multiple=True,
    help="Put it on the static pod; the kubelet restarts the pod when the value is another one.",
)  # fmt: skip
@click.option("--kubeadm-api", type=click.Choice(["v1beta3", "v1beta4"]), help="Default: by the release in the spec.")
@OUT
def command(
    identity: str | None,
    form: str,
    manifest: str | None,
    annotations: tuple[str, ...],
    kubeadm_api: str | None,
    out: str | None,
) -> None:
    """The flags with which a kube-apiserver reaches its own keys."""
    from ringfence.ops.rendering import configuration as render
    from ringfence.ops.rendering import machines as render_machines
    from ringfence.render.manifests import heads

    noted = _annotations(annotations, form)
    spec = writing.spec()
    if form in {each.value for each in render_machines.MachineForm}:
        given = None if manifest is None else (writing.manifest(manifest), manifest)
        chosen = render_machines.MachineForm(form)
        text = render_machines.render_machine(spec, identity, chosen, given, kubeadm_api)
        writing.tell_folder(spec, [text])
        writing.show(text, out)
        return
    component = render.kube_apiserver(spec, identity)
    if form == "static-pod":
        if manifest is None:
            raise InputError.of("the static pod is patched in place of being made anew", hint="name it with --in")
        patched = render.patch_static_pod(spec, component, writing.manifest(manifest), manifest, noted)
        writing.tell_folder(spec, [patched.text])
        writing.deliver(patched, heads.static_pod(), manifest, out, component.version, "Kubernetes", private=False)
        return
    text = render.render_kube_apiserver(spec, component, render.ApiserverForm(form))
    writing.tell_folder(spec, [text])
    writing.show(text, out)


def _annotations(written: tuple[str, ...], form: str) -> dict[str, str]:
    """What ``--annotation`` says, by name."""
    if written and form != "static-pod":
        raise InputError.of(f"{form} is no pod that could be annotated", hint="leave --annotation out")
    found: dict[str, str] = {}
    for each in written:
        name, equals, value = each.partition("=")
        if not equals or not _ANNOTATION.fullmatch(name):
            raise InputError.of(f"{each!r} is no annotation", hint="write --annotation example.org/name=VALUE")
        found[name] = value
    return found
