"""The CNI plugin and its IPAM: a pod's interface in a network namespace of its own, added and deleted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.harness.calico_objects import NODE
from conformance.harness.calicoctl import access
from conformance.harness.fence import Fence
from conformance.harness.steps import Step

PODS = {"web-0": "", "web-1": "10.244.7.7"}
"""The pods by name, with the fixed address that each asks for, or none: that takes another path through IPAM."""

_NAMESPACE = "conformance-pod"
_CONTAINER = "4b825dc642cb6eb9a060e54bf8d69288fbee490"
_ONCE_A_BOOT = "/run/calico/cni/ipam_upgraded"
"""What the plugin leaves behind to do once a boot what it does for a fixed address."""


@dataclass(frozen=True, slots=True)
class Cni:
    """The plugin under both of its names, acting as one identity.

    Args:
        program: its path as ``calico``, with ``calico-ipam`` beside it.
        fence: the cluster.
        identity: who it is in etcd.
        kubeconfig: how it reaches Kubernetes, where the pod is.
    """

    program: Path
    fence: Fence
    identity: str
    kubeconfig: Path

    def work(self) -> Iterator[Step]:
        """Add each pod and delete it."""
        ip = shutil.which("ip") or "ip"
        for pod in PODS:
            yield Step(name=f"make the network namespace of {pod}", command=(ip, "netns", "add", _NAMESPACE))
            yield self._step("ADD", pod)
            yield self._step("DEL", pod)
            yield self.clean()

    def clean(self) -> Step:
        """Remove a pod's network namespace, if it is there, and the memory of this boot."""
        return Step(
            name="clean up",
            command=("/bin/sh", "-c", f"rm -f {_ONCE_A_BOOT}; ip netns delete {_NAMESPACE} 2>/dev/null || true"),
        )

    def _step(self, command: str, pod: str) -> Step:
        container = f"{_CONTAINER}{list(PODS).index(pod)}"
        env = {
            "CNI_COMMAND": command,
            "CNI_CONTAINERID": container,
            "CNI_NETNS": f"/run/netns/{_NAMESPACE}",
            "CNI_IFNAME": "eth0",
            "CNI_PATH": str(self.program.parent),
            "CNI_ARGS": f"IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME={pod};"
            f"K8S_POD_INFRA_CONTAINER_ID={container}",
        }
        log = self.fence.folder / "cni.log"
        log.unlink(missing_ok=True)
        return Step(
            name=f"{command} {pod}",
            command=(str(self.program),),
            stdin=self._configuration(log),
            env=env,
            read=lambda: log.read_text(errors="replace") if log.exists() else "",
        )

    def _configuration(self, log: Path) -> str:
        etcd = access(self.fence, self.identity)
        return json.dumps(
            {
                "cniVersion": "0.3.1",
                "name": "k8s-pod-network",
                "type": "calico",
                "log_level": "info",
                "log_file_path": str(log),
                "nodename": NODE,
                "nodename_file_optional": True,
                "datastore_type": "etcdv3",
                "etcd_endpoints": etcd["ETCD_ENDPOINTS"],
                "etcd_ca_cert_file": etcd["ETCD_CA_CERT_FILE"],
                "etcd_cert_file": etcd["ETCD_CERT_FILE"],
                "etcd_key_file": etcd["ETCD_KEY_FILE"],
                "ipam": {"type": "calico-ipam"},
                "policy": {"type": "k8s"},
                "kubernetes": {"kubeconfig": str(self.kubeconfig)},
            }
        )


def install(program: Path, folder: Path) -> Path:
    """The plugin under its two names, as the container install-cni leaves it: it goes by the name it is called.

    Returns:
        Its path as ``calico``.
    """
    folder.mkdir()
    for name in ("calico", "calico-ipam"):
        (folder / name).symlink_to(program)
    return folder / "calico"
