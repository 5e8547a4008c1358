"""calico/node at start-up: what its container runs before felix and confd, each once and to its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.harness.calico_objects import NODE, NODE_ADDRESS, POOL
from conformance.harness.calicoctl import access
from conformance.harness.fence import Fence
from conformance.harness.steps import Step


@dataclass(frozen=True, slots=True)
class CalicoNode:
    """The program of the container, acting as one identity."""

    program: Path
    fence: Fence
    identity: str

    def work(self) -> Iterator[Step]:
        """Start-up on an empty datastore, again on a full one, and the addresses of the tunnels."""
        yield self._step("-startup", WAIT_FOR_DATASTORE="true")
        yield self._step("-startup", WAIT_FOR_DATASTORE="true")
        yield self._step("-allocate-tunnel-addrs", "-allocate-tunnel-addrs-run-once")

    def _step(self, *arguments: str, **env: str) -> Step:
        settings = {
            "NODENAME": NODE,
            "IP": NODE_ADDRESS,
            "CALICO_NETWORKING_BACKEND": "bird",
            "CALICO_IPV4POOL_CIDR": POOL,
            "CALICO_IPV4POOL_VXLAN": "Always",
            "CLUSTER_TYPE": "k8s,bgp",
        }
        return Step(
            name=" ".join(arguments),
            command=(str(self.program), *arguments),
            env=access(self.fence, self.identity) | settings | env,
        )
