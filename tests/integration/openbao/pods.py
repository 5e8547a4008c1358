"""Pods with an agent, as the rendered manifest has them, without a cluster: their files, and the agent as a process."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ringfence.local.openbao import find_bao
from tests.integration.openbao.conftest import Desk
from tests.integration.openbao.making import JwtIssuer
from tests.unit.render.component_manifests import HOSTED

ISSUER = "https://kubernetes.default.svc"
LONG = "a-node-with-a-very-long-name-that-does-not-fit.a-domain-with-a-long-name.example"
"""Its Common Names are shortened."""

CALICO = """\
  - {{use: kube-apiserver, kubernetes: "{kubernetes}"}}
  - use: calico
    calico: "3.32.1"
    segmentation: {segmentation}
    deliver: {{way: openbao-agent, mount: {login}, keys: sa.pub, issuer: {issuer}, life: 1m}}
"""


def write_spec(desk: Desk, issuer: JwtIssuer, *, kubernetes: str = "1.32", identity: str = "node") -> None:
    """A spec in which Calico's pods draw their certificates, with three nodes."""
    (desk.folder / "sa.pub").write_text(issuer.public)
    calico = CALICO.format(kubernetes=kubernetes, segmentation="node", login=login_of(desk), issuer=ISSUER)
    desk.write(calico.replace("segmentation: node", f"segmentation: node\n    identity: {identity}"))
    with (desk.folder / "ringfence.yaml").open("a") as spec:
        spec.write(f"nodes: [n1, n2, {LONG}]\n")


def login_of(desk: Desk) -> str:
    """The path of the JWT method, the desk's own."""
    return f"jwt-{desk.mount}"


def token(
    issuer: JwtIssuer, node: str | None, account: str = "calico-node", *, audience: str = "openbao", life: int = 3600
) -> str:
    """A token as a cluster binds it to a pod."""
    now = int(time.time())
    claims: dict[str, object] = {
        "namespace": "kube-system",
        "serviceaccount": {"name": account, "uid": "1"},
        "pod": {"name": "a", "uid": "2"},
    }
    if node is not None:
        claims["node"] = {"name": node, "uid": "3"}
    subject = f"system:serviceaccount:kube-system:{account}"
    times = {"iat": now - 7200, "nbf": now - 7200, "exp": now + life}
    return issuer.token(iss=ISSUER, aud=[audience], sub=subject, **times, **{"kubernetes.io": claims})


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod of the manifest on one node: its folder stands for ``/ringfence`` of the agent's containers."""

    folder: Path
    node: str
    containers: Mapping[str, Any]

    @classmethod
    def rendered(cls, desk: Desk, workload: str, node: str, *, seconds: int = 60) -> Pod:
        """The pod of ``workload`` (DaemonSet or Deployment), its certificates asked for as many seconds."""
        (desk.folder / "hosted.yaml").write_text(HOSTED)
        done = desk.run("render", "calico", "--in", "hosted.yaml", "--out", "calico.yaml")
        assert 0 == done.code, done.err
        found = {
            (each["kind"], each["metadata"]["name"]): each
            for each in yaml.safe_load_all((desk.folder / "calico.yaml").read_text())
        }
        kind = "DaemonSet" if workload == "calico-node" else "Deployment"
        spec = found[kind, workload]["spec"]["template"]["spec"]
        folder = desk.folder / "pods" / f"{workload}-{node[:8]}"
        for volume in ("config", "token", "node", "cni", "controllers"):
            (folder / volume).mkdir(parents=True, exist_ok=True)
        for name, content in found["ConfigMap", f"{workload}-etcd-agent"]["data"].items():
            here = content.replace("/ringfence/", f"{folder}/").replace('"ttl=60s"', f'"ttl={seconds}s"')
            (folder / "config" / name).write_text(here)
        containers = {each["name"]: each for each in (*spec["initContainers"], *spec["containers"])}
        return cls(folder, node, containers)

    def give(self, jwt: str) -> None:
        """Put a token where the kubelet would."""
        (self.folder / "token" / "token").write_text(jwt)

    def first(self, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run the init container to its end."""
        command = self._command("etcd-agent-first")
        environ = self._environ()
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=seconds, check=False)

    @contextmanager
    def always(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run the agent that stays."""
        with (self.folder / "always.log").open("wb") as log:
            process = subprocess.Popen(
                self._command("etcd-agent"), env=self._environ(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
            try:
                yield process
            finally:
                process.terminate()
                process.wait(30)

    def _command(self, container: str) -> list[str]:
        program, *args = self.containers[container]["command"]
        assert "bao" == program
        return [str(find_bao()), *(arg.replace("/ringfence/", f"{self.folder}/") for arg in args)]

    def _environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "NODE_NAME": self.node}
