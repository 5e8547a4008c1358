"""``render calico --deliver``: files on the nodes, an agent in the pods, or cert-manager, where no Secret is ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from ringfence.errors import InputError
from ringfence.model.drawer import Drawer, DrawnIdentity
from ringfence.ops.certs.life import drawn_life
from ringfence.ops.rendering.calico import Login, calico, render_manifest
from ringfence.render.calico.agent import CA, PAIR, Agent, Draws
from ringfence.render.calico.cert_manager import Issuer, Wish, cert_manager_objects, secret_source
from ringfence.render.calico.components import SECRETS
from ringfence.render.calico.delivered import APART, AgentPod, Delivered, Names
from ringfence.render.calico.delivery import patch_calico_delivery
from ringfence.render.calico.parts import Part
from ringfence.render.datastore import Datastore
from ringfence.render.manifests.etcd_secret import secret_values
from ringfence.render.manifests.patch import Patched
from ringfence.spec.shape import Calico, OpenBaoPki, Segmentation, Spec
from ringfence.spec.ways import Delivery, Way
from ringfence.wanted.components.drawers import NAMESPACE, drawers, drawing_notes, drawn, drawn_alone
from ringfence.yamlio.entry import Bare, New

PROGRAMS = {Way.OPENBAO_AGENT: "bao", Way.VAULT_AGENT: "vault"}
"""The command of each server, which is its agent, too."""

_IMAGES = {
    Way.OPENBAO_AGENT: "quay.io/openbao/openbao:2.7.2",
    Way.VAULT_AGENT: "docker.io/hashicorp/vault:1.20",
}
_TOGETHER = Names(CA, PAIR, PAIR)
_AT = PurePosixPath("/ringfence")
_COMPONENTS = {Part.NODE: "calico/node", Part.CNI: "calico/cni", Part.CONTROLLERS: "calico/kube-controllers"}
_CNI_VOLUME = "cni-etcd-certs"
_CONTROLLERS_USER = 999
"""Whom Calico's image of kube-controllers runs as, in group 0."""

_NO_NETWORK = (
    "pods that start need OpenBao: its address must be reachable from the nodes without the pod network, and without "
    "what Calico's programs set up"
)
_CA_AT_START = (
    "a new CA of the engine reaches Calico's programs when they start again, and etcd must trust both by then"
)
_CNI_COPIES = (
    "install-cni copies the CNI plugin's certificate when its pod starts and at no other time: restart the DaemonSet "
    "(kubectl rollout restart) after each renewal, or deliver by hostpath or an agent"
)
_BOUND_FOLDERS = "fill the folders before the pods start: {} and {}, each with etcd-ca, etcd-cert and etcd-key"


def delivery(component: Calico, way: str | None) -> Delivery:
    """How the spec has certificates delivered, or the command line in its place."""
    written = component.deliver or Delivery(way=Way.SECRET, place=component.place)
    if way is None or Way(way) is written.way:
        return written
    if Way(way).is_agent == written.way.is_agent:
        return replace(written, way=Way(way))
    return Delivery(way=Way(way), host=written.host, place=written.place)


def render_delivered(
    spec: Spec, chosen: Delivery, manifest: str, file: str, login: Login, *, with_keys: bool
) -> Patched:
    """The hosted manifest with certificates that come in the chosen way.

    Args:
        spec: with a Calico.
        chosen: the way.
        manifest: its text.
        file: its name.
        login: where the certificate of kube-controllers comes from with ``HOSTPATH``.
        with_keys: whether its key may stand in the result.

    Raises:
        InputError: the way is none for this spec.
        ManifestError: the manifest cannot be patched.
        CertificateError, FileError: a certificate is not at hand.
    """
    component = calico(spec)
    _refuse_drawn(spec, component, chosen)
    if chosen.way is Way.SECRET:
        return render_manifest(spec, manifest, file, login, with_keys=with_keys)
    if component.network == "canal":
        hint = "its Job takes its certificate from a Secret: use --deliver secret"
        raise InputError.of(f"canal is not delivered by {chosen.way.value}", place=component.place, hint=hint)
    if Datastore.of_calico(component.version) is Datastore.ETCD_V2 and chosen.way is not Way.HOSTPATH:
        what = f"Calico {component.version} is not delivered by {chosen.way.value}: its clusters are too old for that"
        raise InputError.of(what, place=component.place, hint="use --deliver secret, or hostpath")
    if chosen.way.is_agent:
        delivered = by_agent(spec, component, chosen)
    elif chosen.way is Way.CERT_MANAGER:
        delivered = _by_cert_manager(spec, component)
    else:
        delivered = _by_folder(spec, component, chosen, login, with_keys=with_keys)
    return patch_calico_delivery(manifest, file, delivered, with_keys=with_keys)


def render_cert_manager(spec: Spec, issuer: Issuer, *, in_overlay: bool = False) -> str:
    """The objects from which cert-manager makes the Secrets of the manifest, and the fence for their names.

    Args:
        spec: with a Calico.
        issuer: who signs.
        in_overlay: whether the file is part of one, and applied with it.

    Raises:
        InputError: each node has a certificate of its own.
    """
    component = calico(spec)
    _refuse_secret_by_node(component)
    wishes = {
        SECRETS[part].removesuffix("-secrets"): Wish(
            common_name=drawn(spec, component, name).identity, secret=SECRETS[part]
        )
        for part, name in _COMPONENTS.items()
    }
    return cert_manager_objects(
        wishes,
        issuer,
        namespace=NAMESPACE,
        key=spec.pki.key.value,
        life=spec.pki.validity.client,
        in_overlay=in_overlay,
    )


def _by_cert_manager(spec: Spec, component: Calico) -> Delivered:
    _refuse_secret_by_node(component)
    modes = {Part.NODE: 0o400, Part.CNI: 0o400, Part.CONTROLLERS: 0o440}
    return Delivered(
        endpoints=spec.cluster.endpoints,
        names=APART,
        sources={part: secret_source(SECRETS[part], mode) for part, mode in modes.items()},
        cni=None,
        notices=(_CNI_COPIES,),
    )


def _refuse_secret_by_node(component: Calico) -> None:
    if component.segmentation is Segmentation.NODE:
        raise InputError.of(
            "cert-manager puts certificates into Secrets, and a DaemonSet cannot pick one for each node",
            place=component.place,
            hint="choose --deliver hostpath or openbao-agent",
        )


def _refuse_drawn(spec: Spec, component: Calico, chosen: Delivery) -> None:
    """What pods draw by the spec is not issued, so there is nothing to put into a Secret."""
    if chosen.way in {Way.SECRET, Way.HOSTPATH} and component.deliver is not None and drawn_alone(spec):
        raise InputError.of(
            f"by the spec pods draw their certificates, and none is issued to be delivered by {chosen.way.value}",
            place=component.deliver.place,
            hint=f"write deliver: {chosen.way.value} into the spec, and run certs issue",
        )


def _by_folder(spec: Spec, component: Calico, chosen: Delivery, login: Login, *, with_keys: bool) -> Delivered:
    """Files that configuration management writes; kube-controllers run on any node and keep their Secret."""
    name = SECRETS[Part.CONTROLLERS]
    own = login(drawn(spec, component, _COMPONENTS[Part.CONTROLLERS]).identity)
    node, cni = chosen.host / "node", chosen.host / "cni"
    store = Datastore.of_calico(component.version)
    # Kubernetes knows kinds of hostPath from 1.8 on; Calico 2.5 is for releases before that.
    kind: dict[str, New] = {"type": "Directory"} if store is Datastore.ETCD_V3 else {}
    return Delivered(
        endpoints=spec.cluster.endpoints,
        names=APART,
        sources={
            Part.NODE: {"hostPath": {"path": str(node), **kind}},
            Part.CONTROLLERS: {"secret": {"secretName": name, "defaultMode": _number(0o440)}},
        },
        cni=cni,
        secrets={name: secret_values(own, with_keys=with_keys)},
        notices=(_BOUND_FOLDERS.format(node, cni),),
        datastore=store,
    )


def by_agent(spec: Spec, component: Calico, chosen: Delivery) -> Delivered:
    """What an agent in each pod takes.

    Raises:
        InputError: the spec has no OpenBao.
        FileError: the CA of the server cannot be read.
    """
    openbao = spec.pki.openbao
    if openbao is None:
        hint = "describe the server under pki.openbao, with authority: openbao"
        raise InputError.of("an agent draws from OpenBao, and the spec has none", place=chosen.place, hint=hint)
    on_nodes, controllers = drawers(spec, component)
    memory: Mapping[str, New] = {"emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}}
    cni = chosen.host / "cni"
    node_draws = tuple(_draws(spec, component, on_nodes, part, "0600") for part in (Part.NODE, Part.CNI))
    own_draws = (_draws(spec, component, controllers, Part.CONTROLLERS, "0440"),)
    program, image = PROGRAMS[chosen.way], _IMAGES[chosen.way]
    host: Mapping[str, New] = {"name": _CNI_VOLUME, "hostPath": {"path": str(cni), "type": "DirectoryOrCreate"}}
    return Delivered(
        endpoints=spec.cluster.endpoints,
        names=_TOGETHER,
        sources={Part.NODE: memory, Part.CONTROLLERS: memory},
        cni=cni,
        agents={
            Part.NODE: AgentPod(
                agent=_agent(spec, openbao, chosen, on_nodes, node_draws),
                config_map="calico-node-etcd-agent",
                image=chosen.image or image,
                program=program,
                audience=chosen.audience,
                writes=node_draws[0].folder,
                mounts={_CNI_VOLUME: str(node_draws[1].folder)},
                volumes=(host,),
                user=0,
            ),
            Part.CONTROLLERS: AgentPod(
                agent=_agent(spec, openbao, chosen, controllers, own_draws),
                config_map="calico-kube-controllers-etcd-agent",
                image=chosen.image or image,
                program=program,
                audience=chosen.audience,
                writes=own_draws[0].folder,
                user=_CONTROLLERS_USER,
            ),
        },
        notices=(*drawing_notes(spec, chosen), _NO_NETWORK, _CA_AT_START),
    )


def _agent(spec: Spec, openbao: OpenBaoPki, chosen: Delivery, drawer: Drawer, draws: tuple[Draws, ...]) -> Agent:
    from ringfence.pki.folder.store import read_file

    server = None if openbao.ca is None else read_file(openbao.ca, private=False).content.decode("ascii", "replace")
    return Agent(
        address=openbao.address,
        server_ca=server,
        namespace=openbao.namespace,
        pki=openbao.mount,
        login=chosen.mount,
        login_role=drawer.login_role,
        token=_AT / "token" / "token",
        life=drawn_life(spec, chosen),
        draws=draws,
        folder=_AT / "config",
    )


def _draws(spec: Spec, component: Calico, drawer: Drawer, part: Part, mode: str) -> Draws:
    one = drawn(spec, component, _COMPONENTS[part])
    return Draws(
        identity=one.identity,
        role=one.role,
        by_node=one.names is not None,
        others=_others(one, drawer),
        folder=_AT / part.name.lower(),
        mode=mode,
    )


def _others(one: DrawnIdentity, drawer: Drawer) -> dict[str, tuple[str, str]]:
    """Nodes whose name is shortened; where no token tells nodes apart, one role signs them all."""
    return {node: (name, one.own_role(node) if drawer.separated else one.role) for node, name in one.shortened.items()}


def _number(value: int) -> New:
    return Bare(str(value))
