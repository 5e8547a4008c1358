"""5,000 nodes with two identities each: what the three ways take, planned and applied, beside nothing but the RPCs.

Every measurement begins on a new cluster, and is made once: what counts here is how it grows, not the last percent.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.bare import OK, BareChannel
from bench.measure import Figure, Ratio, Section, Tell
from bench.messages import expect_all, messages
from bench.stand import stand
from ringfence.errors import Unreachable
from ringfence.etcd.inflight import IN_FLIGHT
from ringfence.local.binary import Binary, built, find
from ringfence.ops.apply import apply
from ringfence.ops.live import Connection, Live, prepare
from ringfence.ops.planning import plan
from ringfence.proof.verification import Verification

NODES, COMPONENTS = 5000, 2
ON_CURRENT = (500, 1000, 2000)
"""Users on a current etcd, which works out every user's permissions again at each auth write."""

SCOPED = (125, 250, 500)
"""Nodes with roles of their own."""

_FEW_IN_FLIGHT = 4
"""Bare RPCs under way on a current etcd: it carries out one at a time, and gives up on those that wait seven s."""

_CURRENT = (3, 6)
"""The first line that is current."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    """A new cluster, and a spec for it; ``path`` is the spec, ``loaded`` how long it took to read, in seconds."""

    path: Path
    live: Live
    loaded: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What one way took, in seconds; ``rest`` is a plan when all is there, ``bare`` the same RPCs alone.

    ``runs`` is how often apply had to be started until all was there.
    """

    writes: int
    runs: int
    loaded: float
    planned: float
    applied: float
    rest: float
    bare: float

    @property
    def rate(self) -> float:
        """Auth writes a second."""
        return self.writes / self.applied


async def run(tell: Tell) -> tuple[Section, ...]:
    """Four sections."""
    current = next((one for one in built() if one.version.line >= _CURRENT), None)
    return (
        await _in_full("shared", find("etcd"), tell),
        await _in_full("node", find("etcd"), tell),
        *([] if current is None else [await _curve(current, tell)]),
        await _scoped(current or find("etcd"), tell),
    )


async def _in_full(way: str, etcd: Binary, tell: Tell) -> Section:
    done = await _measured(way, NODES, etcd, tell)
    peak = await _peak(way, NODES, etcd)
    return Section(
        job=f"Nodes, identity: {way}",
        setting=f"{NODES:,} nodes x {COMPONENTS}, on etcd {etcd.version}, three members with TLS; once",
        unit="seconds",
        figures=(
            Figure("read the spec and derive what is wanted", (done.loaded,)),
            Figure("plan", (done.planned,)),
            Figure(f"apply: {done.writes:,} auth writes, all checks, auth on, no proof", (done.applied,)),
            Figure(f"bare RPCs, {IN_FLIGHT} in flight", (done.bare,)),
            Figure("plan when all is there", (done.rest,)),
        ),
        ratios=() if way == "shared" else (Ratio("apply / bare RPCs", (done.applied / done.bare,)),),
        notes=(
            f"ringfence plan, the whole process, at its peak: {peak:,.0f} MB",
            *(["no write for any node; the time is that of the switch, with its checks"] if way == "shared" else []),
        ),
    )


async def _curve(etcd: Binary, tell: Tell) -> Section:
    runs = [await _measured("node", users // COMPONENTS, etcd, tell) for users in ON_CURRENT]
    whole = NODES * COMPONENTS
    ours, bare = ([getattr(one, name) for one in runs] for name in ("applied", "bare"))
    return Section(
        job="Nodes, identity: node, on a current etcd",
        setting=f"{', '.join(f'{users:,}' for users in ON_CURRENT)} users, on etcd {etcd.version}; once each",
        unit="seconds",
        figures=(
            *_pairs([f"{users:,} users" for users in ON_CURRENT], runs),
            Figure(f"{whole:,} users: apply, EXTRAPOLATED", (_extrapolated(ON_CURRENT, ours, whole),)),
            Figure(f"{whole:,} users: bare RPCs, EXTRAPOLATED", (_extrapolated(ON_CURRENT, bare, whole),)),
        ),
        ratios=(Ratio("apply / bare RPCs", tuple(one.applied / one.bare for one in runs)),),
        notes=(
            "extrapolated by a parabola through the origin, the nearest to all three; etcd itself is what grows",
            f"bare RPCs with {_FEW_IN_FLIGHT} in flight",
            f"runs of apply until all was there: {', '.join(str(one.runs) for one in runs)}",
        ),
    )


async def _scoped(etcd: Binary, tell: Tell) -> Section:
    runs = [await _measured("node-scoped", nodes, etcd, tell) for nodes in SCOPED]
    return Section(
        job="Nodes, identity: node-scoped",
        setting=f"{', '.join(map(str, SCOPED))} nodes x {COMPONENTS}, on etcd {etcd.version}; once each",
        unit="seconds",
        figures=tuple(_pairs([f"{nodes} nodes" for nodes in SCOPED], runs)),
        ratios=(Ratio("apply / bare RPCs", tuple(one.applied / one.bare for one in runs)),),
    )


def _pairs(names: Sequence[str], runs: Sequence[_Run]) -> Iterator[Figure]:
    for name, one in zip(names, runs, strict=True):
        yield Figure(f"{name}: apply, {one.writes:,} auth writes", (one.applied,))
        yield Figure(f"{name}: bare RPCs", (one.bare,))


async def _measured(way: str, nodes: int, etcd: Binary, tell: Tell) -> _Run:
    """Plan, apply and plan again on one new cluster, the bare RPCs on another."""
    tell(f"{way}, {nodes:,} nodes, etcd {etcd.version}")
    async with _site(way, nodes, etcd) as site:
        live = site.live
        start = time.perf_counter()
        made = (await plan(live.spec, live.wanted, live.target)).plan
        planned = time.perf_counter() - start
        proving = 0.0

        async def prove() -> Verification:
            nonlocal proving
            proving = time.perf_counter()
            return Verification(versions={}, asked=(), segments={})

        left_over, runs, start = made, 1, time.perf_counter()
        while True:
            try:
                await apply(
                    live.spec, live.wanted, live.target, plan=left_over, prove=prove, today=datetime.now(UTC).date()
                )
                break
            except Unreachable as error:  # etcd gives up on what waits for seven seconds; whoever runs it goes on
                runs += 1
                tell(f"run {runs}: {error}")
                left_over = (await plan(live.spec, live.wanted, live.target)).plan
        applied = proving - start
        start = time.perf_counter()
        left = (await plan(live.spec, live.wanted, live.target)).plan
        rest = time.perf_counter() - start
        if left.changes:
            raise SystemExit(f"{len(left.changes):,} changes are left after apply")
        batches = [[call for change in batch for call in messages(change)] for batch in made.batches]
    in_flight = IN_FLIGHT if etcd.version.line < _CURRENT else _FEW_IN_FLIGHT
    async with _site(way, nodes, etcd) as other:
        target = other.live.target
        async with BareChannel(target.endpoints[0], target.credentials) as channel:
            start = time.perf_counter()
            for batch in batches:
                await channel.fire(batch, in_flight)
            bare = time.perf_counter() - start
        expect_all(channel.codes[OK], sum(len(batch) for batch in batches))
    found = _Run(
        writes=len(made.changes), runs=runs, loaded=site.loaded, planned=planned, applied=applied, rest=rest, bare=bare
    )
    tell(f"{found.writes:,} writes: {applied:,.1f} s, bare {bare:,.1f} s, planned in {planned:,.1f} s")
    return found


@asynccontextmanager
async def _site(way: str, nodes: int, etcd: Binary) -> AsyncIterator[_Site]:
    async with stand(0, etcd) as here:
        path = here.folder / "nodes.yaml"
        spec = json.loads((here.folder / "ringfence.yaml").read_text())
        spec["components"] = [
            {"use": "kube-apiserver", "compaction": "etcd"},
            {"use": "calico", "calico": "3.32", "segmentation": "node", "identity": way},
        ]
        spec["nodes"] = {"file": "nodes.txt"}
        path.write_text(json.dumps(spec))
        names = (f"worker-{number:05}.rack-{number % 40}.example.org\n" for number in range(nodes))
        (here.folder / "nodes.txt").write_text("".join(names))
        start = time.perf_counter()
        live = prepare(path, Connection(), datetime.now(UTC))
        yield _Site(path=path, live=live, loaded=time.perf_counter() - start)


async def _peak(way: str, nodes: int, etcd: Binary) -> float:
    """What ``ringfence plan`` needs at most, in MB: a process of its own, so that nothing else counts."""
    async with _site(way, nodes, etcd) as site:
        return _peak_of([sys.executable, "-m", "ringfence", "plan", "-f", str(site.path)])


def _peak_of(command: list[str]) -> float:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 2:
        raise SystemExit(f"ringfence plan ended with {process.returncode}, not with changes to make")
    return used.ru_maxrss / 1024


def _extrapolated(users: tuple[int, ...], seconds: list[float], whole: int) -> float:
    """``a n + b n²`` by least squares, at ``whole``."""
    s2, s3, s4 = (sum(n**power for n in users) for power in (2, 3, 4))
    t1 = sum(n * t for n, t in zip(users, seconds, strict=True))
    t2 = sum(n * n * t for n, t in zip(users, seconds, strict=True))
    scale = s2 * s4 - s3 * s3
    return (t1 * s4 - t2 * s3) / scale * whole + (t2 * s2 - t1 * s3) / scale * whole**2
