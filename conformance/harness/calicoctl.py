"""calicoctl at work, in the three roles that people give it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.harness.calico_objects import Kind, documents, kinds
from conformance.harness.fence import Fence
from conformance.harness.steps import Step
from ringfence.model.version import Version

ROLES = ("read-only", "policy-editor", "full")


def access(fence: Fence, identity: str) -> dict[str, str]:
    """The variables by which every program of Calico finds its etcd, and itself in it."""
    return {
        "DATASTORE_TYPE": "etcdv3",
        "ETCD_ENDPOINTS": ",".join(fence.endpoints),
        "ETCD_CA_CERT_FILE": str(fence.pki("ca.pem")),
        "ETCD_CERT_FILE": str(fence.pki(f"{identity}.pem")),
        "ETCD_KEY_FILE": str(fence.pki(f"{identity}-key.pem")),
    }


@dataclass(frozen=True, slots=True)
class Calicoctl:
    """The program, acting as one identity."""

    program: Path
    fence: Fence
    identity: str
    version: Version

    def step(self, *arguments: str, stdin: str = "") -> Step:
        """One command of it."""
        return Step(
            name=" ".join(arguments),
            command=(str(self.program), *arguments),
            stdin=stdin,
            env=access(self.fence, self.identity),
        )

    def everything(self) -> Iterator[Step]:
        """An object of each kind."""
        yield self.step("apply", "-f", "-", stdin=documents(kinds(self.version)))

    def work(self, role: str) -> Iterator[Step]:
        """What a person with this role does."""
        yield from self._look()
        if role == "policy-editor":
            yield from self._edit([kind for kind in kinds(self.version) if kind.policy])
        if role == "full":
            yield from self._edit([kind for kind in kinds(self.version) if kind.spec is not None])
            yield self.step("ipam", "configure", "--strictaffinity=true")

    def _look(self) -> Iterator[Step]:
        for kind in kinds(self.version):
            everywhere = ("--all-namespaces",) if kind.namespace or kind.plural == "workloadendpoints" else ()
            yield self.step("get", kind.plural, *everywhere, "-o", "yaml")
        yield self.step("ipam", "show", "--show-blocks")

    def _edit(self, chosen: Sequence[Kind]) -> Iterator[Step]:
        """Each kind by itself, so that a denial has a name; deleted in reverse, as they depend on each other."""
        for kind in chosen:
            yield self.step("apply", "-f", "-", stdin=kind.document(edited="yes"))
        for kind in reversed(chosen):
            yield self.step("delete", "-f", "-", stdin=kind.document())
        for kind in chosen:
            yield self.step("create", "-f", "-", stdin=kind.document())
