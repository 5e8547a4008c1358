"""``ringfence render``: one subcommand for each thing that is configured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ringfence.cli import output, rendering
from ringfence.cli.options import Verb
from ringfence.cli.render_ansible import ansible
from ringfence.cli.render_kubernetes import kustomize, secrets
from ringfence.errors import InputError

if TYPE_CHECKING:
    from ringfence.spec.shape import Spec

_OUT = click.option("--out", metavar="FILE", help="Where to write it; default: stdout.")
_WITH_KEYS = click.option("--with-keys", is_flag=True, help="Print private keys too; never to a terminal.")
_IDENTITY = click.option("--identity", metavar="NAME", help="Which one, where the spec has several.")


@click.group("render")
def command() -> None:
    """Write the configuration of etcd and of the components.

    Files are written whole or not at all, and only where they differ from what is there.
    """


@command.command("etcd", cls=Verb)
@click.option("--out", metavar="DIR", required=True, help="The folder: DIR/MEMBER/etcd.conf.yml, etcd.env and flags.")
@click.option("--systemd", metavar="FOLDER", help="Add a drop-in for the unit; FOLDER on the member has etcd.conf.yml.")
def etcd(out: str, systemd: str | None) -> None:
    """Each member's configuration, as file, environment and flags; and the flags of each gateway."""
    from ringfence.ops.rendering.configuration import render_etcd
    from ringfence.ops.rendering.machines import render_member_units

    spec = rendering.spec()
    files = render_etcd(spec) | ({} if systemd is None else render_member_units(spec, systemd))
    rendering.publish({Path(out) / name: text for name, text in files.items()}, private=False)


@command.command("kube-apiserver", cls=Verb)
@_IDENTITY
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
@_OUT
def kube_apiserver(
    identity: str | None, form: str, manifest: str | None, kubeadm_api: str | None, out: str | None
) -> None:
    """The flags with which a kube-apiserver reaches its own keys."""
    from ringfence.ops.rendering import configuration as render
    from ringfence.ops.rendering import machines as render_machines
    from ringfence.render.manifests import heads

    spec = rendering.spec()
    if form in {each.value for each in render_machines.MachineForm}:
        given = None if manifest is None else (rendering.manifest(manifest), manifest)
        chosen = render_machines.MachineForm(form)
        rendering.show(render_machines.render_machine(spec, identity, chosen, given, kubeadm_api), out)
        return
    component = render.kube_apiserver(spec, identity)
    if form == "static-pod":
        if manifest is None:
            raise InputError.of("the static pod is patched in place of being made anew", hint="name it with --in")
        patched = render.patch_static_pod(spec, component, rendering.manifest(manifest), manifest)
        rendering.deliver(patched, heads.static_pod(), manifest, out, component.version, "Kubernetes", private=False)
        return
    rendering.show(render.render_kube_apiserver(spec, component, render.ApiserverForm(form)), out)


@command.command("calico", cls=Verb)
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
@click.option("--issuer", metavar="[KIND/]NAME", help="With cert-manager: who signs; default kind: ClusterIssuer.")
@click.option(
    "--out", metavar="FILE|DIR/",
    help="Where to write it, mode 0600; default: stdout, without keys. With an agent a folder, too: then roles and "
    "policies of the server lie beside it, with scripts that write them.",
)  # fmt: skip
@_WITH_KEYS
def calico(
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

    spec, keys = rendering.spec(), rendering.keys(with_keys, out)
    if form == "helm-values":
        if manifest is not None or objects is not None or issuer is not None:
            hint = "leave them out, or leave --format helm-values out"
            raise InputError.of("--in, --objects and --issuer say nothing with --format helm-values", hint=hint)
        way = render_delivery.delivery(render_calico.calico(spec), deliver).way
        values, notice = render_calico.render_helm_values(spec, way, rendering.login(spec), with_keys=keys)
        output.note(notice)
        rendering.show(values, out, private=True)
        return
    if manifest is None:
        raise InputError.of("there is no manifest to patch", hint="name Calico's calico-etcd.yaml with --in")
    component = render_calico.calico(spec)
    chosen = render_delivery.delivery(component, deliver)
    patched = render_delivery.render_delivered(
        spec, chosen, rendering.manifest(manifest), manifest, rendering.login(spec), with_keys=keys
    )
    made = _objects(spec, chosen.way.value, objects, issuer)
    if chosen.way.is_agent and out is not None and (out.endswith("/") or Path(out).is_dir()):
        from ringfence.ops.rendering.agent import render_agent_files

        name = Path(manifest).name
        made = {Path(out) / path: text for path, text in render_agent_files(spec, chosen, name).items()}
        out = str(Path(out) / name)
    head = heads.hosted_manifest(canal=component.network == "canal")
    rendering.deliver(patched, head, manifest, out, component.version, "Calico", private=True)
    rendering.publish(made, private=False)


def _objects(spec: Spec, way: str, objects: str | None, issuer: str | None) -> dict[Path, str]:
    """What cert-manager is given, where it is the way."""
    from ringfence.ops.rendering.delivery import render_cert_manager
    from ringfence.render.calico.cert_manager import Issuer

    if way != "cert-manager":
        if objects is not None or issuer is not None:
            hint = "leave --objects and --issuer out, or add --deliver cert-manager"
            raise InputError.of(f"certificates come by {way}, not by cert-manager", hint=hint)
        return {}
    if objects is None or issuer is None:
        hint = "add --issuer NAME and --objects FILE"
        raise InputError.of("cert-manager needs to know who signs, and its objects a file", hint=hint)
    kind, _, name = issuer.rpartition("/")
    return {Path(objects): render_cert_manager(spec, Issuer(name=name, kind=kind or "ClusterIssuer"))}


@command.command("calicoctl", cls=Verb)
@_IDENTITY
@click.option("--in", "manifest", metavar="FILE", help="The manifest of the calicoctl Pod, calicoctl-etcd.yaml.")
@click.option("--out", metavar="DIR|FILE", required=True, help="A folder for its configuration, or the patched Pod.")
def calicoctl(identity: str | None, manifest: str | None, out: str) -> None:
    """A calicoctl's configuration file and environment; with --in, its Pod."""
    from ringfence.ops.rendering import calico as render_calico
    from ringfence.render.manifests import heads

    spec = rendering.spec()
    if manifest is None:
        files = render_calico.render_calicoctl(spec, identity)
        rendering.publish({Path(out) / name: text for name, text in files.items()}, private=False)
        return
    patched = render_calico.render_calicoctl_pod(
        spec, identity, rendering.manifest(manifest), manifest, rendering.login(spec), with_keys=True
    )
    version = render_calico.calico(spec).version
    rendering.deliver(patched, heads.calicoctl_pod(), manifest, out, version, "Calico", private=True)


@command.command("cni", cls=Verb)
@_OUT
def cni(out: str | None) -> None:
    """The CNI configuration list for hosts that are not set up by the manifest."""
    from ringfence.ops.rendering.calico import render_cni

    rendering.show_beside(*render_cni(rendering.spec()), out)


def _environment(program: str) -> click.Command:
    @click.command(program, cls=Verb, help=f"The environment file of {program}, for hosts without the manifest.")
    @_OUT
    def environment(out: str | None) -> None:
        from ringfence.ops.rendering.calico import render_environment

        rendering.show(render_environment(rendering.spec(), program), out)

    return environment


for _program in ("calico-node", "kube-controllers", "felix"):
    command.add_command(_environment(_program))


@command.command("openstack", cls=Verb)
@_OUT
def openstack(out: str | None) -> None:
    """The section of neutron's configuration for Calico; the password is referred to, never written."""
    from ringfence.ops.rendering.calico import render_openstack

    rendering.show(render_openstack(rendering.spec()), out)


for _command in (secrets, kustomize, ansible):
    command.add_command(_command)
