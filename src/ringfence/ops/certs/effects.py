"""How new files get into use: what each component does when its certificate is replaced.

From the programs' own sources: etcd, and what uses etcd's Go client, read certificate and key again at each new TLS
handshake (client/pkg/transport, TLSInfo). The CNI plugin reads its files at each run: those that lie on the host, or
where a Secret brings them the copy that the pod of calico-node makes once, when it starts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ringfence.model.certificate import CertificateKind, CertificateRequest
from ringfence.model.issuance import Effect, Uptake
from ringfence.spec.shape import Calico, Component, Segmentation, Spec
from ringfence.spec.ways import Way
from ringfence.wanted.build import Wanted

_OF_KIND = {
    CertificateKind.SERVER: ("etcd", Uptake.HANDSHAKE),
    CertificateKind.PEER: ("etcd", Uptake.HANDSHAKE),
    CertificateKind.PROXY: ("etcd grpc-proxy", Uptake.HANDSHAKE),
    CertificateKind.ROOT: ("root", Uptake.RUN),
}
_OF_LABEL = {
    "kube-apiserver": Uptake.HANDSHAKE,
    "calico": Uptake.POD,  # one identity for all of it, the CNI plugin included
    "calico/cni": Uptake.POD,
    "calico/node": Uptake.HANDSHAKE,
    "calico/felix": Uptake.HANDSHAKE,
    "calico/kube-controllers": Uptake.HANDSHAKE,
    "calicoctl/read-only": Uptake.RUN,
    "calicoctl/policy-editor": Uptake.RUN,
    "calicoctl/full": Uptake.RUN,
}
_ON_HOSTS = {"calico": Uptake.HANDSHAKE, "calico/cni": Uptake.RUN}
"""Where no Secret brings them: the files of the CNI plugin are the ones that are exchanged."""


def effects(
    spec: Spec, wanted: Wanted, requests: Iterable[CertificateRequest], names: Collection[str]
) -> tuple[Effect, ...]:
    """What is to be done so that new files count, by component, in the order of the requests.

    Args:
        spec: how they reach Calico's programs.
        wanted: whose the certificates of clients are.
        requests: all certificates that should exist.
        names: those that were replaced.
    """
    labels = {each.name: identity.label for identity in wanted.identities for each in identity.certificates}
    uptakes = _OF_LABEL | (_ON_HOSTS if any(map(_lie_on_hosts, spec.components)) else {})
    found: dict[tuple[str, Uptake], list[str]] = {}
    for request in requests:
        if request.name in names:
            label = labels.get(request.name, "user")
            what = _OF_KIND.get(request.kind) or (label, uptakes.get(label, Uptake.UNKNOWN))
            found.setdefault(what, []).append(request.name)
    return tuple(Effect(component, tuple(given), uptake) for (component, uptake), given in found.items())


def _lie_on_hosts(component: Component) -> bool:
    """Whether Calico's programs on a node use files that lie there, and no Secret, which is the same on all nodes."""
    if not isinstance(component, Calico):
        return False
    if component.deliver is not None:
        return component.deliver.way not in {Way.SECRET, Way.CERT_MANAGER}
    return component.segmentation is Segmentation.NODE or bool(component.services)
