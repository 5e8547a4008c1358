"""Running a real kube-apiserver on a fence: with the flags that ringfence renders, and what else it needs to start."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.harness.authority import KubernetesFiles, make
from conformance.harness.fence import Fence
from conformance.harness.kubernetes import Kubernetes, Refused
from conformance.harness.program import Program
from ringfence.local.ports import free_ports


@dataclass(frozen=True, slots=True)
class Server:
    """A kube-apiserver that was started: its process, a client for it, and a kubeconfig for other programs."""

    process: Program
    api: Kubernetes
    kubeconfig: Path

    def is_ready(self) -> bool:
        """Whether it says of itself that it is ready, its own look at etcd included."""
        try:
            return self.api.text("GET", "/readyz") == "ok"
        except (Refused, OSError):
            return False

    def wait_ready(self, seconds: float) -> bool:
        """Whether it was ready, and had not ended, within ``seconds``."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if self.process.exit_code is not None or time.monotonic() > deadline:
                return False
            time.sleep(0.5)
        return True


class Apiserver:
    """The program, with certificates of its own for Kubernetes' side.

    Args:
        program: its path.
        folder: where certificates and logs go.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._files: KubernetesFiles = make(folder / "kubernetes")
        self._runs = 0

    @contextmanager
    def running(self, etcd_flags: Sequence[str]) -> Iterator[Server]:
        """A started kube-apiserver, which may not be ready, and may never be.

        Args:
            etcd_flags: everything that concerns etcd.
        """
        (port,) = free_ports(1)
        self._runs += 1
        log = self._folder / f"kube-apiserver-{self._runs}.log"
        with Program([str(self._program), *etcd_flags, *self._own_flags(port)], log) as process:
            yield Server(process, Kubernetes(port, self._files), self._kubeconfig(port))

    def _kubeconfig(self, port: int) -> Path:
        """For programs that need Kubernetes beside etcd; JSON is YAML too."""
        files = self._files
        cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority": str(files.ca)}
        user = {"client-certificate": str(files.admin), "client-key": str(files.admin_key)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "one", "cluster": cluster}],
            "users": [{"name": "one", "user": user}],
            "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
            "current-context": "one",
        }
        path = self._folder / "kubeconfig"
        path.write_text(json.dumps(config))
        return path

    def _own_flags(self, port: int) -> tuple[str, ...]:
        files = self._files
        return (
            f"--secure-port={port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=192.0.2.1",  # never dialled: an endpoint in the API; loopback is refused
            "--service-cluster-ip-range=10.96.0.0/16",
            f"--tls-cert-file={files.serving}",
            f"--tls-private-key-file={files.serving_key}",
            f"--client-ca-file={files.ca}",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount",  # its tokens come from a controller that does not run here
            "--service-account-issuer=https://conformance.invalid",
            f"--service-account-signing-key-file={files.accounts_key}",
            f"--service-account-key-file={files.accounts_key}",
            "--profiling=false",
            "--v=1",
        )


def rendered_flags(fence: Fence) -> tuple[str, ...]:
    """The flags that ``render kube-apiserver`` gives, without its comments."""
    return tuple(line for line in fence.ringfence("render", "kube-apiserver").splitlines() if line.startswith("--"))
