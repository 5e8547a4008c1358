"""``render kube-apiserver --format``: the formats of what installs an API server, and the drop-ins of members."""

from __future__ import annotations

import enum
from pathlib import PurePosixPath
from typing import TypedDict

from ringfence.errors import InputError
from ringfence.keyspace import Span
from ringfence.model.names import UserName
from ringfence.model.permission import Access
from ringfence.ops.rendering.configuration import kube_apiserver, patch_static_pod, refuse_in_v2, target_folder
from ringfence.render.etcd.forms import YAML_FILE
from ringfence.render.kube_apiserver.backend import Backend
from ringfence.render.kube_apiserver.flags import etcd_flags
from ringfence.render.kube_apiserver.k3s import BOOTSTRAP, Distribution, server_configuration
from ringfence.render.kube_apiserver.kubeadm import KubeadmApi, kubeadm_api, kubeadm_configuration
from ringfence.render.kube_apiserver.kubeadm_patch import kubeadm_patch
from ringfence.render.kube_apiserver.kubespray import kubespray_variables
from ringfence.render.systemd import DROP_IN, kube_apiserver_drop_in, member_drop_in
from ringfence.spec.shape import Compaction, OwnComponent, Spec


class MachineForm(enum.Enum):
    """Who is told; the value is the word on the command line."""

    KUBEADM = "kubeadm"
    KUBEADM_PATCH = "kubeadm-patch"
    SYSTEMD = "systemd"
    K3S = "k3s"
    RKE2 = "rke2"
    KUBESPRAY = "kubespray"


NEEDS = {
    MachineForm.KUBEADM_PATCH: "the static pod that kubeadm wrote, /etc/kubernetes/manifests/kube-apiserver.yaml",
    MachineForm.SYSTEMD: "the unit of kube-apiserver, `systemctl cat kube-apiserver > FILE`",
}
"""What some are made from."""


_DISTRIBUTIONS = {MachineForm.K3S: Distribution.K3S, MachineForm.RKE2: Distribution.RKE2}
_OF_K3S = (
    "add {name: k3s, grants: [{prefix: /registry/, access: readwrite}, {prefix: /bootstrap, beyond-slash: true, "
    "access: readwrite}]} to components, and name it with --identity"
)


def render_machine(
    spec: Spec, identity: str | None, form: MachineForm, given: tuple[str, str] | None, api: str | None
) -> str:
    """The file for one of the forms.

    Args:
        spec: the whole of it.
        identity: of the API server; None for the only one.
        form: who is told.
        given: text and name of the file that the form is made from, where it is made from one.
        api: the version of kubeadm's configuration, such as ``v1beta3``; None for that of the release in the spec.

    Raises:
        InputError: there is no such identity, or none that could run so; or the form is made from a file and there is
            none, or the reverse.
        ManifestError: the file is not what the form is made from.
    """
    if form in NEEDS and given is None:
        raise InputError.of(f"{form.value} is made from a file", hint=f"name it with --in: {NEEDS[form]}")
    if form not in NEEDS and given is not None:
        raise InputError.of(f"{form.value} is not made from a file", hint="leave --in out")
    if api is not None and form is not MachineForm.KUBEADM:
        raise InputError.of(f"{form.value} has no version of kubeadm's configuration", hint="leave --kubeadm-api out")
    if form in _DISTRIBUTIONS:
        return _k3s(spec, identity, _DISTRIBUTIONS[form])
    component = kube_apiserver(spec, identity)
    if form in {MachineForm.KUBEADM, MachineForm.KUBESPRAY}:
        refuse_in_v2(component, form.value)
    backend = Backend(component.backend.value)
    arguments = _Arguments(
        endpoints=spec.cluster.endpoints,
        prefix=component.prefix,
        folder=component.files or target_folder(spec),
        identity=component.identity,
        compacts=component.compaction is Compaction.APISERVER,
    )
    if form is MachineForm.KUBEADM:
        version = kubeadm_api(component.version) if api is None else KubeadmApi(f"kubeadm.k8s.io/{api}")
        return kubeadm_configuration(version, **arguments)
    if given is None:
        return kubespray_variables(**arguments)
    text, file = given
    if form is MachineForm.KUBEADM_PATCH:
        return kubeadm_patch(text, patch_static_pod(spec, component, text, file).text, file)
    return kube_apiserver_drop_in(text, file, etcd_flags(**arguments, backend=backend), backend)


class _Arguments(TypedDict):
    """What each form of an API server is told."""

    endpoints: tuple[str, ...]
    prefix: str
    folder: PurePosixPath
    identity: UserName
    compacts: bool


def _k3s(spec: Spec, identity: str | None, distribution: Distribution) -> str:
    """The configuration of servers whose identity has a span for what they keep beside the API server's keys.

    ``use: kube-apiserver`` has none, on purpose: no other API server needs it.
    """
    fit = [each for each in spec.components if isinstance(each, OwnComponent) and _prefix(each) is not None]
    chosen = [each for each in fit if identity in (None, each.identity)]
    if len(chosen) != 1:
        names = ", ".join(each.identity for each in fit) or "none"
        what = f"the spec has these identities with {BOOTSTRAP} and one prefix more, as {distribution.value} needs"
        raise InputError.of(f"{what}: {names}", hint="name one of them with --identity" if fit else _OF_K3S)
    (own,) = chosen
    prefix = _prefix(own)
    assert prefix is not None
    return server_configuration(
        distribution,
        endpoints=spec.cluster.endpoints,
        prefix=prefix,
        folder=target_folder(spec),
        identity=own.identity,
        compacts=False,
    )


def _prefix(component: OwnComponent) -> str | None:
    """The ``--etcd-prefix`` that its grants leave room for; None where they are not those of such a server."""
    whole = [grant.span for grant in component.grants if grant.access is Access.READWRITE and not grant.exclude]
    others = [span.prefix for span in whole if not span.covers(Span.of_prefix(BOOTSTRAP.encode()))]
    if len(others) == len(whole) or len(others) != 1 or others[0] is None:
        return None
    text = others[0].decode(errors="replace")
    return text.rstrip("/") if text.startswith("/") and text.endswith("/") else None


def render_member_units(spec: Spec, folder: str) -> dict[str, str]:
    """The drop-in of each member's unit, by its path below the output folder.

    Args:
        spec: with members.
        folder: where ``etcd.conf.yml`` will lie on them.
    """
    if not folder.startswith("/"):
        raise InputError.of(f"{folder} is no absolute path", hint="name the folder on the members: --systemd /etc/etcd")
    path = PurePosixPath(folder) / YAML_FILE
    return {
        f"{member.name}/etcd.service.d/{DROP_IN}": member_drop_in(member.name, path) for member in spec.cluster.members
    }
