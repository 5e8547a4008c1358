"""How new files get into use: what each component does when its certificate is replaced.

From the programs' own sources: etcd, and what uses etcd's Go client, read certificate and key again at each new TLS
handshake (client/pkg/transport, TLSInfo); the CNI plugin reads the copy on the host, which calico-node's pod makes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ringfence.model.certificate import CertificateKind, CertificateRequest
from ringfence.model.issuance import Effect, Uptake
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


def effects(wanted: Wanted, requests: Iterable[CertificateRequest], names: Collection[str]) -> tuple[Effect, ...]:
    """What is to be done so that new files count, by component, in the order of the requests.

    Args:
        wanted: whose the certificates of clients are.
        requests: all certificates that should exist.
        names: those that were replaced.
    """
    labels = {each.name: identity.label for identity in wanted.identities for each in identity.certificates}
    found: dict[tuple[str, Uptake], list[str]] = {}
    for request in requests:
        if request.name in names:
            found.setdefault(_of(request, labels.get(request.name, "user")), []).append(request.name)
    return tuple(Effect(component, tuple(given), uptake) for (component, uptake), given in found.items())


def _of(request: CertificateRequest, label: str) -> tuple[str, Uptake]:
    return _OF_KIND.get(request.kind) or (label, _OF_LABEL.get(label, Uptake.UNKNOWN))
