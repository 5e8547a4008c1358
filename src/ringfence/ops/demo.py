"""``demo``: the whole road on a real three-member etcd on loopback, from an empty folder to the proof.

It goes the way an operator goes: the same spec, files, plan and checks; only the etcd is its own, and it is stopped
whatever happens.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ringfence.changes.plan import Plan
from ringfence.errors import LocalError
from ringfence.local.binary import Binary, newest
from ringfence.local.cluster import LocalCluster, LocalMember
from ringfence.local.ports import free_ports
from ringfence.ops.apply import Applied, apply
from ringfence.ops.certs.of_spec import issue
from ringfence.ops.live import Connection, prepare
from ringfence.ops.load import load
from ringfence.ops.planning import plan
from ringfence.ops.publish import publish
from ringfence.ops.rendering.configuration import render_etcd
from ringfence.ops.telling import Advance, Tell
from ringfence.ops.v2.alone import v2_alone
from ringfence.ops.verify import verify
from ringfence.proof.verification import Verification
from ringfence.rules.holes import holes
from ringfence.spec.cluster.cluster import WITHOUT_V2
from ringfence.spec.shape import Spec

SPEC = "ringfence.yaml"
"""What the spec is called in the demo's folder."""

_IN_V2 = (
    '  - {use: calico, calico: "2.6", segmentation: single}   # Calico 2 keeps its data in v2',
    "  - name: legacy",
    "    patterns:                # of v2",
    "      - {pattern: /legacy, access: readwrite}",
    "      - {pattern: /legacy/*, access: readwrite}",
)
_NAMES = ("etcd-1", "etcd-2", "etcd-3")
_TRIES = 3
"""Free ports are found first and bound later; somebody may be quicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """What the demo did and showed."""

    folder: Path
    etcd: Binary
    plan: Plan
    verification: Verification


async def demo(folder: Path, *, v2: bool = False, now: datetime, tell: Tell, advance: Advance) -> Demonstration:
    """Run the demo in an empty folder.

    Args:
        folder: where everything is written.
        v2: whether it shows both stores of etcd, with a legacy Calico in v2; else v3 alone.
        now: the time, with a time zone.
        tell: told about each step.
        advance: told how far the proof is.

    Raises:
        LocalError: no etcd was found, or it does not start.
        RingfenceError: a step failed, which is a bug of ours or a broken machine.
    """
    etcd = newest(before=WITHOUT_V2 if v2 else None)
    tell(f"etcd {etcd.version} from {etcd.path}")
    for attempt in range(1, _TRIES + 1):
        cluster = _configure(folder, etcd, now, v2=v2)
        if attempt == 1:
            tell(await _certificates(folder, now))
        try:
            with cluster:
                tell(
                    "three members are up, each from its rendered etcd.conf.yml; auth is off, everybody owns everything"
                )
                return await _fence(folder, etcd, now, tell, advance)
        except LocalError as error:
            if attempt == _TRIES or "is in use" not in str(error):
                raise
    raise AssertionError("unreachable")


async def _fence(folder: Path, etcd: Binary, now: datetime, tell: Tell, advance: Advance) -> Demonstration:
    here = prepare(folder / SPEC, Connection(), now)
    made = (await plan(here.spec, here.wanted, here.target)).plan
    tell(f"planned {len(made.changes)} changes, auth last")

    async def prove(spec: Spec, store: str) -> Verification:
        tell(f"{store}auth is on; asking every member as every identity, and as three impostors")
        return await verify(spec, here.wanted, here.target, here.keyring, now=now, advance=advance)

    applied: Applied = await apply(
        here.spec,
        here.wanted,
        here.target,
        plan=made,
        prove=lambda: prove(here.spec, "v3 " if here.spec.cluster.has_v2 else ""),
        prove_v2=lambda: prove(v2_alone(here.spec), "v2 "),
        today=now.date(),
    )
    again = (await plan(here.spec, here.wanted, here.target)).plan
    tell(f"planned again: {len(again.changes)} changes")
    assert applied.verification is not None
    return Demonstration(folder=folder, etcd=etcd, plan=made, verification=applied.verification)


async def _certificates(folder: Path, now: datetime) -> str:
    spec, wanted = load(folder / SPEC, now.date())
    result = await issue(spec, wanted, now)
    return f"issued {len(result.created)} certificates, keys 0600, in {spec.pki.directory}"


def _configure(folder: Path, etcd: Binary, now: datetime, *, v2: bool) -> LocalCluster:
    """Write the spec for free ports and what is rendered from it."""
    ports = free_ports(3 * len(_NAMES))
    urls = {name: ports[3 * at : 3 * at + 3] for at, name in enumerate(_NAMES)}
    publish({folder / SPEC: _spec(folder, urls, etcd, now, v2=v2)}, private=False)
    spec, _ = load(folder / SPEC, now.date())
    publish({folder / "etcd" / name: text for name, text in render_etcd(spec).items()}, private=False)
    return LocalCluster(
        etcd.path,
        [
            LocalMember(
                name=member.name,
                config=folder / "etcd" / member.name / "etcd.conf.yml",
                log=folder / "etcd" / member.name / "etcd.log",
                metrics=member.metrics,
            )
            for member in spec.cluster.members
        ],
    )


def _spec(folder: Path, ports: dict[str, tuple[int, ...]], etcd: Binary, now: datetime, *, v2: bool) -> str:
    members = [
        f"    - {{name: {name}, hosts: [127.0.0.1], data-dir: {json.dumps(str(folder / 'data' / name))},\n"
        f"       client: https://127.0.0.1:{client}, peer: https://127.0.0.1:{peer}, metrics: http://127.0.0.1:{metrics}}}"
        for name, (client, peer, metrics) in ports.items()
    ]
    endpoints = ", ".join(f"https://127.0.0.1:{client}" for client, _, _ in ports.values())
    until = (now + timedelta(days=30)).date()
    accepted = [
        f"    - {{id: {hole.id}, until: {until}, reason: a demo on loopback has no attackers}}"
        for hole in holes(etcd.version)
    ]
    lines = [
        f"# The demo's spec: Kubernetes, Calico and one tenant in one etcd{', in both of its stores' if v2 else ''}.",
        "version: 1",
        "cluster:",
        "  name: demo",
        f"  endpoints: [{endpoints}]",
        f'  etcd: "{etcd.version}"',
        *(["  api: [v2, v3]            # two stores, each with its own users, roles and switch"] if v2 else []),
        *(
            ["  accept:                   # known holes of this etcd, which no role can close", *accepted]
            if accepted
            else []
        ),
        "  members:",
        *members,
        "pki: {directory: pki}",
        "components:",
        "  - {use: kube-apiserver, compaction: etcd}",
        *(_IN_V2 if v2 else ("  - {use: calico, segmentation: single}",)),
        "  - name: inventory",
        "    grants:",
        "      - {prefix: /inventory/, access: readwrite, except: [/inventory/audit/]}",
        "  - name: auditor",
        "    grants:",
        "      - {prefix: /inventory/audit/, access: readwrite}",
        "      - {prefix: /inventory/, access: read, except: [/inventory/audit/], shares-with: [inventory]}",
    ]
    return "\n".join(lines) + "\n"
