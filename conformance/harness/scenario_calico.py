"""Calico's programs, each with an identity of its own, beside Kubernetes' own identity.

Every program is optional. The keys that are there before one comes are written by calicoctl as root, so that all but
calico/node need CALICOCTL as well; kube-controllers and the CNI plugin need a kube-apiserver, on the same etcd.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from conformance.harness.apiserver import Apiserver, Server, rendered_flags
from conformance.harness.calico_node import CalicoNode
from conformance.harness.calico_objects import KINDS, NODE, documents
from conformance.harness.calicoctl import ROLES, Calicoctl
from conformance.harness.cni import PODS, Cni, install
from conformance.harness.controllers import Controllers, beforehand, calico_is_rolled_out
from conformance.harness.exercise import Exercise, Tell, Trial
from conformance.harness.fence import Fence
from conformance.harness.kubernetes import Json, Object, named
from conformance.harness.lines import lines_of
from conformance.harness.record import Record
from conformance.harness.steps import Step, Steps
from conformance.harness.versions import version_of
from ringfence.catalog.load import load
from ringfence.keyspace import Span
from ringfence.local.binary import Binary
from ringfence.model.version import Version

_KUBERNETES = "  - {use: kube-apiserver, compaction: etcd}\n"
_READY_SECONDS = 120.0
_CALICO = Span.of_prefix(b"/calico/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One component of the catalog and how it is exercised.

    Args:
        component: its name in the catalog.
        program: the name of the variable that names the program.
        asked: the arguments with which it tells its release.
        needs: further programs that it takes.
    """

    component: str
    program: str
    asked: tuple[str, ...]
    needs: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """Who it is in etcd."""
        return self.component.replace("/", "-")


SCENARIOS = (
    *(Scenario(component=f"calicoctl/{role}", program="CALICOCTL", asked=("version", "--client")) for role in ROLES),
    Scenario(component="calico/node", program="CALICO_NODE", asked=("-v",)),
    Scenario(
        component="calico/kube-controllers",
        program="KUBE_CONTROLLERS",
        asked=("-version",),
        needs=("CALICOCTL", "KUBE_APISERVER"),
    ),
    Scenario(component="calico/cni", program="CNI", asked=("-v",), needs=("CALICOCTL", "KUBE_APISERVER")),
)


def missing(scenario: Scenario, named_programs: Mapping[str, Path]) -> str | None:
    """Why a scenario cannot run; None where it can."""
    lacking = [name for name in (scenario.program, *scenario.needs) if name not in named_programs]
    if lacking:
        return f"no {' and no '.join(lacking)} was named"
    return None if scenario.component in load().entries else "the catalog has no such component"


def run(scenario: Scenario, programs: Mapping[str, Path], etcd: Binary, folder: Path, tell: Tell) -> Record:
    """One scenario on a cluster of its own: ``verify`` rightly objects to identities that an earlier one left.

    Args:
        scenario: what it needs must be among ``programs``.
        programs: paths by variable.
        etcd: the etcd to run it on.
        folder: an empty folder for everything that is written.
        tell: told what is seen, a sentence a step.
    """
    if scenario.program == "CNI":
        programs = dict(programs) | {"CNI": install(programs["CNI"], folder / "cni")}
    version = version_of(programs[scenario.program], *scenario.asked)
    lines = lines_of(load(), scenario.component, version, {})
    with Fence(folder, etcd, _KUBERNETES) as fence, _kubernetes(scenario, fence, programs) as server:
        exercise = _exercise(scenario, programs, fence, server, version)
        trial = Trial(fence=fence, exercise=exercise, identity=scenario.identity, others=_KUBERNETES, tell=tell)
        runs, verdicts = trial.runs(lines)
    return Record(
        scenario=scenario.identity,
        program=scenario.component,
        version=str(version),
        etcd=str(etcd.version),
        date=datetime.now(UTC).date().isoformat(),
        runs=runs,
        lines=verdicts,
    )


@contextmanager
def _kubernetes(scenario: Scenario, fence: Fence, programs: Mapping[str, Path]) -> Iterator[Server | None]:
    """A kube-apiserver with the pods that the CNI plugin asks for, where the scenario needs one."""
    if "KUBE_APISERVER" not in scenario.needs:
        yield None
        return
    with Apiserver(programs["KUBE_APISERVER"], fence.folder).running(rendered_flags(fence)) as server:
        if not server.wait_ready(_READY_SECONDS):
            raise RuntimeError("kube-apiserver does not become ready")
        server.api.create("/api/v1/nodes", named(NODE))
        for pod, address in PODS.items():
            wish: Json = {"cni.projectcalico.org/ipAddrs": json.dumps([address])} if address else {}
            spec: Json = {"nodeName": NODE, "containers": [{"name": "c", "image": "example.invalid/c"}]}
            body: Object = {"metadata": {"name": pod, "annotations": wish}, "spec": spec}
            server.api.create("/api/v1/namespaces/default/pods", body)
        calico_is_rolled_out(server.api)
        yield server


def _exercise(
    scenario: Scenario, programs: Mapping[str, Path], fence: Fence, server: Server | None, version: Version
) -> Exercise:
    def clear() -> None:
        fence.empty(_CALICO)

    if scenario.program == "CALICO_NODE":
        node = CalicoNode(programs["CALICO_NODE"], fence, scenario.identity)
        return Steps(clear, lambda: (), node.work)
    root = Calicoctl(programs["CALICOCTL"], fence, "root", version)
    if scenario.program == "CALICOCTL":
        acting = Calicoctl(programs["CALICOCTL"], fence, scenario.identity, version)
        role = scenario.component.removeprefix("calicoctl/")
        return Steps(clear, root.everything, lambda: acting.work(role))
    assert server is not None
    if scenario.program == "KUBE_CONTROLLERS":
        return Controllers(
            programs["KUBE_CONTROLLERS"],
            fence,
            scenario.identity,
            server.kubeconfig,
            server.api,
            _put(root, beforehand()),
        )
    cni = Cni(programs["CNI"], fence, scenario.identity, server.kubeconfig)
    pool = documents(kind for kind in KINDS if kind.plural in {"nodes", "ippools"})
    return Steps(clear, lambda: (cni.clean(), root.step("apply", "-f", "-", stdin=pool)), cni.work)


def _put(root: Calicoctl, document: str) -> Callable[[], None]:
    """Applies a document as root."""

    def steps() -> tuple[Step, ...]:
        return (root.step("apply", "-f", "-", stdin=document),)

    return Steps(lambda: None, steps, tuple).prepare
