"""A spec with 500 components of the whole catalog: read, derived and proved disjoint, beside the bare parser."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

from bench.measure import Aim, Ratio, Section, Tell, Way, in_turns
from ringfence.ops.check import check
from ringfence.ops.load import understand
from ringfence.yamlio.nodes import parse

COMPONENTS = 500
ROUNDS = 9
_EACH = (
    "{{use: kube-apiserver, name: api-{n}, etcd-prefix: /registry-{n}, compaction: etcd}}",
    "{{use: coredns, name: dns-{n}, path: /dns-{n}}}",
    "{{use: vault, name: vault-{n}, path: /vault-{n}/}}",
    "{{name: tenant-{n}, grants: [{{prefix: /tenant-{n}/, access: readwrite, except: [/tenant-{n}/audit/]}}]}}",
)


async def run(tell: Tell) -> tuple[Section, ...]:
    """From the text to the proof, in processor time."""
    text = _spec()
    bare, whole = await in_turns(
        [
            Way("bare: parse the same YAML", lambda: _parsing(text)),
            Way("read, derive and check", lambda: _checking(text)),
        ],
        ROUNDS,
        tell,
    )
    return (
        Section(
            job="Check",
            setting=f"{COMPONENTS} components of the catalog in one spec; {ROUNDS} rounds",
            unit="ms of processor time",
            figures=(bare, whole),
            ratios=(
                Ratio("check / 1 s", tuple(value / 1000 for value in whole.values), Aim(at_most=1)),
                Ratio("check / bare parser", whole.over(bare)),
            ),
            notes=("Calico by component, with every calicoctl, is among them",),
        ),
    )


def _spec() -> str:
    calico = "{use: calico, segmentation: component, calicoctl: [read-only, policy-editor, full]}"
    lines = [calico, *(_EACH[n % len(_EACH)].format(n=n) for n in range(COMPONENTS - 1))]
    head = 'version: 1\ncluster: {endpoints: [https://10.0.0.1:2379], etcd: "3.6.14"}\ncomponents:\n'
    return head + "".join(f"  - {line}\n" for line in lines)


async def _parsing(text: str) -> float:
    start = time.process_time()
    parse(text, "ringfence.yaml")
    return (time.process_time() - start) * 1000


async def _checking(text: str) -> float:
    start = time.process_time()
    check(*understand(text, "ringfence.yaml", Path("/"), date(2026, 1, 1)))
    return (time.process_time() - start) * 1000
