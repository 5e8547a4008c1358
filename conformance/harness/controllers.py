"""calico/kube-controllers: kept running while objects come and go in Kubernetes, until it has followed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from conformance.harness.calico_objects import NODE, NODE_ADDRESS
from conformance.harness.calicoctl import access
from conformance.harness.denials import first_denial
from conformance.harness.exercise import Attempt
from conformance.harness.fence import Fence
from conformance.harness.kubernetes import Json, Kubernetes, Object, Refused, named
from conformance.harness.program import Program
from ringfence.keyspace import Span

_SECONDS = 40.0
_AFTERWARDS = 8.0
_NODE = "node-gone"
_SPACE = "followed"
_RESOURCES = "/calico/resources/v3/projectcalico.org"
_ORCHESTRATED = "k8s"


def beforehand() -> str:
    """What is in Calico before: a node that Kubernetes has, and all of one that it no longer has."""
    found: list[Object] = [_node(NODE), _node(_NODE)]
    endpoint: Json = {
        "node": _NODE,
        "orchestrator": _ORCHESTRATED,
        "pod": "gone-0",
        "endpoint": "eth0",
        "interfaceName": "cali0",
        "ipNetworks": ["10.244.8.1/32"],
        "profiles": ["kns.default"],
    }
    name = f"{_NODE.replace('-', '--')}-{_ORCHESTRATED}-gone--0-eth0"
    found.append(_object("WorkloadEndpoint", {"name": name, "namespace": "default"}, endpoint))
    found.append(_object("BGPPeer", {"name": "gone"}, {"node": _NODE, "peerIP": "192.0.2.8", "asNumber": 64513}))
    return "\n---\n".join(json.dumps(each) for each in found)


def _node(name: str) -> Object:
    return _object(
        "Node",
        {"name": name},
        {"bgp": {"ipv4Address": NODE_ADDRESS}, "orchRefs": [{"nodeName": name, "orchestrator": _ORCHESTRATED}]},
    )


def _object(kind: str, metadata: Json, spec: Json) -> Object:
    return {"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": metadata, "spec": spec}


def calico_is_rolled_out(api: Kubernetes) -> None:
    """Let Kubernetes say that calico-node runs everywhere: since 3.32 the controllers' data feed waits for that.

    They look in the namespace that a pod's service account names, and outside of a pod in calico-system.
    """
    labels: Json = {"k8s-app": "calico-node"}
    template: Json = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "calico-node", "image": "example.invalid/calico-node"}]},
    }
    api.create("/api/v1/namespaces", named("calico-system"))
    path = "/apis/apps/v1/namespaces/calico-system/daemonsets"
    made = api.create(path, named("calico-node", spec={"selector": {"matchLabels": labels}, "template": template}))
    counts: Json = {
        "observedGeneration": 1,
        "currentNumberScheduled": 1,
        "desiredNumberScheduled": 1,
        "updatedNumberScheduled": 1,
        "numberReady": 1,
        "numberAvailable": 1,
        "numberMisscheduled": 0,
    }
    api.replace(f"{path}/calico-node/status", made | {"status": counts})


_FOLLOWED = (f"{_RESOURCES}/profiles/kns.{_SPACE}", f"{_RESOURCES}/networkpolicies/{_SPACE}/")


@dataclass(frozen=True, slots=True)
class Controllers:
    """The program, acting as one identity.

    Args:
        program: its path.
        fence: the cluster.
        identity: who it is in etcd.
        kubeconfig: how it reaches Kubernetes.
        api: Kubernetes, for what the controllers follow.
        before: puts the node in Calico that is then missing in Kubernetes.
    """

    program: Path
    fence: Fence
    identity: str
    kubeconfig: Path
    api: Kubernetes
    before: Callable[[], None]

    def prepare(self) -> None:
        """A namespace without its profile, and a node of Calico that is to be removed."""
        self.fence.empty(Span.of_prefix(b"/calico/"))
        self._remove()
        self.before()

    def attempt(self, *, to_the_end: bool) -> Attempt:
        """Run it until what is in Kubernetes is in Calico too, and a while longer."""
        env = access(self.fence, self.identity) | {
            "KUBECONFIG": str(self.kubeconfig),
            "ENABLED_CONTROLLERS": "policy,namespace,serviceaccount,workloadendpoint,node",
            "COMPACTION_PERIOD": "0",
            "RECONCILER_PERIOD": "5s",
            "AUTO_HOST_ENDPOINTS": "enabled",
            "LOG_LEVEL": "info",
        }
        log = self.fence.folder / "kube-controllers.log"
        status = self.fence.folder / "kube-controllers.status"
        with Program([str(self.program), "-status-file", str(status)], log, env) as process:
            self._make()
            followed = self._wait(process, to_the_end=to_the_end)
            return Attempt(
                done=followed and process.exit_code is None,
                text=process.output(),
                seen={"followed": followed, "exit_code": process.exit_code},
            )

    def _wait(self, process: Program, *, to_the_end: bool) -> bool:
        deadline = time.monotonic() + _SECONDS
        followed_at: float | None = None
        while time.monotonic() < deadline and process.exit_code is None:
            if not to_the_end and first_denial(process.output()):
                break
            if followed_at is None and self._has_followed():
                followed_at = time.monotonic()
            if followed_at is not None and time.monotonic() > followed_at + _AFTERWARDS:
                break
            time.sleep(0.5)
        return followed_at is not None

    def _has_followed(self) -> bool:
        """What was made has arrived, and the node that Kubernetes does not have is gone."""
        made = (
            self.fence.count(Span.of_prefix(path.encode()) if path.endswith("/") else Span.of_key(path.encode()))
            for path in _FOLLOWED
        )
        return all(made) and not self.fence.count(Span.of_key(f"{_RESOURCES}/nodes/{_NODE}".encode()))

    def _make(self) -> None:
        self.api.create("/api/v1/namespaces", named(_SPACE))
        inside = f"namespaces/{_SPACE}"
        self.api.create(f"/api/v1/{inside}/serviceaccounts", named("one"))
        ingress: Json = [{"from": [{"podSelector": {}}]}]
        policy: Json = {"podSelector": {}, "ingress": ingress}
        self.api.create(f"/apis/networking.k8s.io/v1/{inside}/networkpolicies", named("one", spec=policy))

    def _remove(self) -> None:
        """What an earlier go made in Kubernetes."""
        space = f"/api/v1/namespaces/{_SPACE}"
        with suppress(Refused):
            for path in (f"/apis/networking.k8s.io/v1/namespaces/{_SPACE}/networkpolicies", f"{space}/serviceaccounts"):
                self.api.delete(path)
            self.api.delete(space)
            kept = self.api.get(space)
            self.api.replace(f"{space}/finalize", kept | {"spec": {"finalizers": []}})
