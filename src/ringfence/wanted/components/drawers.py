"""Which pods draw their own certificates, as the spec asks for it, and what their tokens can tell apart."""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.model.drawer import Drawer, DrawnIdentity
from ringfence.model.names import UserName
from ringfence.model.version import Version
from ringfence.spec.shape import Calico, KubeApiserver, NodeIdentity, Segmentation, Spec
from ringfence.spec.ways import Delivery, Way

NAMESPACE = "kube-system"
"""Where Calico's manifests put their pods."""

NODE_CLAIM_SINCE = Version(1, 30)
"""The first line of Kubernetes whose tokens name the node (feature ``ServiceAccountTokenPodNodeInfo``: beta and on in
1.30, fixed in 1.32; off in 1.29)."""

_ACCOUNTS = {
    "calico-node": ("calico/node", "calico/cni"),
    "calico-kube-controllers": ("calico/kube-controllers",),
}
"""The service accounts of Calico's manifests, and the programs whose certificates their pods draw."""


def drawers(spec: Spec, component: Calico) -> tuple[Drawer, ...]:
    """The service accounts of Calico's pods, with what they draw."""
    separated = tokens_name_nodes(spec) is not False
    return tuple(
        Drawer(
            account=account,
            namespace=NAMESPACE,
            identities=tuple(
                {each.identity: each for each in (drawn(spec, component, name) for name in names)}.values()
            ),
            separated=separated,
        )
        for account, names in _ACCOUNTS.items()
    )


def drawn(spec: Spec, component: Calico, name: str) -> DrawnIdentity:
    """What one program draws; ``name`` is that of the catalog, such as ``calico/cni``."""
    part = component.part_of(name)
    if part is None:
        return DrawnIdentity(identity=component.identity)
    if not part.by_node or component.by_node is NodeIdentity.SHARED:
        return DrawnIdentity(identity=part.identity)
    names = {node.name: UserName(part.name_on(node.name)) for node in spec.nodes}
    return DrawnIdentity(identity=part.identity, names=names)


def drawn_alone(spec: Spec) -> tuple[DrawnIdentity, ...]:
    """Whose certificates nobody but pods has, so that none is issued for them here.

    Calico's one identity (``segmentation: single``) is not among them: calicoctl logs in as it, too.
    """
    component = next((each for each in spec.components if isinstance(each, Calico)), None)
    if component is None or component.segmentation is Segmentation.SINGLE or spec.pki.openbao is None:
        return ()
    if component.deliver is None or not component.deliver.way.is_agent:
        return ()
    found = (each for drawer in drawers(spec, component) for each in drawer.identities)
    return tuple({each.identity: each for each in found}.values())


def drawn_users(spec: Spec) -> frozenset[UserName]:
    """The users in etcd that only pods log in as, with certificates that they draw."""
    return frozenset(
        name
        for each in drawn_alone(spec)
        for name in ((each.identity,) if each.names is None else tuple(each.names.values()))
    )


def tokens_name_nodes(spec: Spec) -> bool | None:
    """Whether the tokens of pods name the node; None where the spec does not say which Kubernetes it is."""
    versions = [each.version for each in spec.components if isinstance(each, KubeApiserver)]
    known = [version for version in versions if version is not None]
    return all(version.line >= NODE_CLAIM_SINCE.line for version in known) if known else None


def drawing_notes(spec: Spec, delivery: Delivery | None = None) -> Iterator[str]:
    """What an operator should know of pods that draw their own certificates.

    Args:
        spec: with or without such.
        delivery: another than the spec's.
    """
    component = next((each for each in spec.components if isinstance(each, Calico)), None)
    delivery = delivery or (None if component is None else component.deliver)
    if component is None or delivery is None or not delivery.way.is_agent:
        return
    by_node = any(each.names is not None for drawer in drawers(spec, component) for each in drawer.identities)
    named = tokens_name_nodes(spec)
    if by_node and named is False:
        yield (
            f"DANGER: nodes are not separated from each other: the tokens of Kubernetes before {NODE_CLAIM_SINCE} do "
            "not name their node, so the pod of each can draw the certificate of every other"
        )
    elif by_node and named is None:
        yield (
            f"nodes are separated from each other by tokens that name their node, as those of Kubernetes "
            f"{NODE_CLAIM_SINCE} and later do; older ones are refused: give the kube-apiserver its version"
        )
    yield (
        "the containers of one pod share a service account: whoever is in the pod calico-node can draw the "
        "certificates of calico-node and of the CNI plugin"
    )
    if delivery.way is Way.VAULT_AGENT:
        yield "vault-agent is untested: what is rendered for it was run with OpenBao's agent alone"
