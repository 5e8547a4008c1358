"""Objects of Calico as calicoctl takes them, one of each kind, with the release that brought the kind."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.harness.kubernetes import Json
from ringfence.model.version import Version

NODE = "node-a"
NODE_ADDRESS = "10.9.8.7/24"
POOL = "10.244.0.0/16"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of object.

    Args:
        name: as in ``kind:``.
        plural: as calicoctl's ``get`` takes it.
        spec: of the object that is made; None: calicoctl does not make any.
        since: the first release that has it.
        policy: whether a policy editor edits it.
        object: the name of the object.
        namespace: its namespace, or empty.
    """

    name: str
    plural: str
    spec: Json = None
    since: tuple[int, int] = (3, 0)
    policy: bool = False
    object: str = "conformance"
    namespace: str = ""

    def document(self, **labels: str) -> str:
        """The object, as calicoctl reads it."""
        metadata: dict[str, Json] = {"name": self.object}
        if labels:
            metadata["labels"] = dict(labels)
        if self.namespace:
            metadata["namespace"] = self.namespace
        return json.dumps(
            {"apiVersion": "projectcalico.org/v3", "kind": self.name, "metadata": metadata, "spec": self.spec}
        )


_RULES: Json = {"selector": "app == 'x'", "types": ["Ingress"], "ingress": [{"action": "Allow"}]}
_STAGED: Json = {"stagedAction": "Set", "selector": "app == 'x'", "types": ["Ingress"]}
_NETS: Json = {"nets": ["192.0.2.0/24"]}

KINDS = (
    Kind(name="Node", plural="nodes", spec={"bgp": {"ipv4Address": NODE_ADDRESS}}, object=NODE),
    Kind(name="IPPool", plural="ippools", spec={"cidr": POOL, "natOutgoing": True}),
    Kind(name="Tier", plural="tiers", spec={"order": 100}, since=(3, 29), policy=True),
    Kind(name="GlobalNetworkPolicy", plural="globalnetworkpolicies", spec=_RULES, policy=True),
    Kind(name="NetworkPolicy", plural="networkpolicies", spec=_RULES, policy=True, namespace="default"),
    Kind(name="GlobalNetworkSet", plural="globalnetworksets", spec=_NETS, since=(3, 1), policy=True),
    Kind(name="NetworkSet", plural="networksets", spec=_NETS, since=(3, 7), policy=True, namespace="default"),
    Kind(name="Profile", plural="profiles", spec={"labelsToApply": {"a": "b"}}, policy=True),
    Kind(
        name="StagedGlobalNetworkPolicy",
        plural="stagedglobalnetworkpolicies",
        spec=_STAGED,
        since=(3, 30),
        policy=True,
    ),
    Kind(
        name="StagedNetworkPolicy",
        plural="stagednetworkpolicies",
        spec=_STAGED,
        since=(3, 30),
        policy=True,
        namespace="default",
    ),
    Kind(
        name="StagedKubernetesNetworkPolicy",
        plural="stagedkubernetesnetworkpolicies",
        spec={"stagedAction": "Set", "podSelector": {}},
        since=(3, 30),
        policy=True,
        namespace="default",
    ),
    Kind(name="HostEndpoint", plural="hostendpoints", spec={"node": NODE, "interfaceName": "eth9"}),
    Kind(name="BGPConfiguration", plural="bgpconfigurations", spec={"asNumber": 64512}, object="default"),
    Kind(name="BGPPeer", plural="bgppeers", spec={"peerIP": "192.0.2.9", "asNumber": 64513, "node": NODE}),
    Kind(name="BGPFilter", plural="bgpfilters", spec={}, since=(3, 25)),
    Kind(name="FelixConfiguration", plural="felixconfigurations", spec={"logSeverityScreen": "Info"}, object="default"),
    Kind(name="IPReservation", plural="ipreservations", spec={"reservedCIDRs": ["10.244.9.0/30"]}, since=(3, 21)),
    Kind(
        name="KubeControllersConfiguration",
        plural="kubecontrollersconfigurations",
        spec={"controllers": {"node": {"syncLabels": "Enabled"}}},
        since=(3, 16),
        object="default",
    ),
    Kind(name="ClusterInformation", plural="clusterinformations"),
    Kind(name="WorkloadEndpoint", plural="workloadendpoints"),
)


def kinds(version: Version) -> tuple[Kind, ...]:
    """Those that a release has."""
    return tuple(kind for kind in KINDS if kind.since <= version.line)


def documents(chosen: Iterable[Kind], **labels: str) -> str:
    """The objects of several kinds in one file."""
    return "\n---\n".join(kind.document(**labels) for kind in chosen if kind.spec is not None)
