"""kube-apiserver: works under exactly its least role, and is denied something without any line of it.

Each choice of who compacts is a run of its own, since the lines differ. Where it compacts itself the interval is cut
from 5 minutes to seconds, so that a short run sees several compactions; nothing else differs from what is rendered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from conformance.harness.apiserver import Apiserver, Server, rendered_flags
from conformance.harness.denials import denials, first_denial, shortened
from conformance.harness.fence import Fence, RingfenceFailed, component
from conformance.harness.kubernetes import Refused
from conformance.harness.lines import Known, grants, lines_of, read_only, taken_away
from conformance.harness.objects import work
from conformance.harness.record import Record, Run, Verdict
from conformance.harness.versions import version_of
from ringfence.catalog.load import load
from ringfence.local.binary import Binary
from ringfence.wanted.components.compaction import may_guard

NAME = "kube-apiserver"
_CHOICES = ("etcd", "apiserver")
_INTERVAL = "--etcd-compaction-interval"
_INTERVAL_SECONDS = 10
_READY_SECONDS = 120.0
_DENIED_SECONDS = 60.0
_SHORT_SECONDS = 45.0

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Stage:
    """What every run needs."""

    fence: Fence
    server: Apiserver
    tell: Tell


def run(program: Path, etcd: Binary, folder: Path, *, seconds: float, tell: Tell) -> Record:
    """The whole scenario.

    Args:
        program: the kube-apiserver.
        etcd: the etcd to run it on.
        folder: an empty folder for everything that is written.
        seconds: how long it works under the least role.
        tell: told what is seen, a sentence a step.
    """
    version = version_of(program, "--version")
    runs: list[Run] = []
    verdicts: dict[str, Verdict] = {}
    with Fence(folder, etcd, _spec("etcd")) as fence:
        stage = _Stage(fence, Apiserver(program, folder), tell)
        for choice in _CHOICES:
            lines = lines_of(load(), NAME, version, {"etcd-prefix": "/registry", "compaction": choice})
            if choice == "apiserver" and may_guard(etcd.version):
                runs.append(_guarded(stage, lines))
                continue
            fence.give(_spec(choice))
            flags = _flags(fence, choice)
            whole = _at_work(stage, lines, flags, choice, seconds if choice == "etcd" else _SHORT_SECONDS)
            runs.append(whole)
            for line in lines:
                if line.text not in verdicts:
                    verdicts[line.text] = _judge(stage, lines, line, flags, runs, held=whole.held)
    return Record(
        scenario=NAME,
        program=NAME,
        version=str(version),
        etcd=str(etcd.version),
        date=datetime.now(UTC).date().isoformat(),
        runs=tuple(runs),
        lines=tuple(verdicts.values()),
    )


def _spec(choice: str) -> str:
    return f"  - {{use: {NAME}, compaction: {choice}}}\n"


def _flags(fence: Fence, choice: str) -> tuple[str, ...]:
    """What is rendered, with a shorter interval where the API server compacts."""
    flags = rendered_flags(fence)
    if choice == "etcd":
        return flags
    kept = tuple(flag for flag in flags if not flag.startswith(_INTERVAL))
    return (*kept, f"{_INTERVAL}={_INTERVAL_SECONDS}s")


def _at_work(stage: _Stage, lines: Sequence[Known], flags: tuple[str, ...], choice: str, seconds: float) -> Run:
    """The least role, at work: nothing may be denied."""
    fence = stage.fence
    fence.empty()
    start = time.monotonic()
    with stage.server.running(flags) as server:
        ready = server.wait_ready(_READY_SECONDS)
        seen: dict[str, object] = {"flags": [flag for flag in flags if "=/" not in flag], "ready": ready}
        if ready:
            try:
                done = work(server.api, seconds)
            except Refused as error:
                seen["refused"] = str(error)
            else:
                seen |= {"rounds": done.rounds, "requests": done.requests, "watch_events": done.events}
                seen["watch_errors"] = list(done.watch_errors)
            seen |= {"readyz": server.is_ready(), "etcd_requests": _etcd_requests(server)}
        log = server.process.output()
    seen["keys"] = sum(fence.count(line.need.span) for line in lines)
    seen["keys_outside"] = fence.count_outside([line.need.span for line in lines])
    seen["etcd_compacted_at_revision"] = fence.compacted_at()
    held = ready and "refused" not in seen and seen["keys_outside"] == 0 and first_denial(log) is None
    stage.tell(f"least role, compaction by {choice}: {'no denial' if held else 'NOT as expected'}; {seen}")
    return Run(
        name=f"least role, compaction by {choice}",
        grants=tuple(line.text for line in lines),
        expected="no denial",
        held=held,
        denials=len(list(denials(log))),
        first_denial=first_denial(log),
        seconds=round(time.monotonic() - start, 1),
        seen=seen,
    )


def _judge(
    stage: _Stage, lines: Sequence[Known], line: Known, flags: tuple[str, ...], runs: list[Run], *, held: bool
) -> Verdict:
    """One line taken away, then given for reading only."""
    away = _narrowed(stage, taken_away(lines, line), flags, f"without {line.text}")
    runs.append(away)
    weak = None
    if line.need.access.value == "readwrite":
        weak = _narrowed(stage, read_only(lines, line), flags, f"read only: {line.text}")
        runs.append(weak)
    return Verdict(
        line=line.text,
        tested=held and away.held,
        without=away.first_denial or "no denial",
        read_only=None if weak is None else weak.first_denial or "no denial",
    )


def _narrowed(stage: _Stage, given: tuple[str, ...], flags: tuple[str, ...], name: str) -> Run:
    """A role that does not suffice: a denial must be seen."""
    stage.fence.give(component(NAME, given))
    stage.fence.empty()
    start = time.monotonic()
    with stage.server.running(flags) as server:
        seen = _until_denied(server)
        log = server.process.output()
    found = first_denial(log) or (shortened(str(seen["refused"])) if "refused" in seen else None)
    stage.tell(f"{name}: {found or 'NO denial'}")
    return Run(
        name=name,
        grants=given,
        expected="a denial",
        held=found is not None,
        denials=len(list(denials(log))),
        first_denial=found,
        seconds=round(time.monotonic() - start, 1),
        seen=seen,
    )


def _until_denied(server: Server) -> dict[str, object]:
    """Let it start, and work if it gets that far, until etcd denies something."""
    seen: dict[str, object] = {"ready": False}
    deadline = time.monotonic() + _DENIED_SECONDS
    while time.monotonic() < deadline and server.process.exit_code is None:
        if first_denial(server.process.output()):
            break
        if not seen["ready"] and server.is_ready():
            seen["ready"] = True
            try:
                work(server.api, 0)
            except (Refused, OSError) as error:
                if first_denial(str(error)):
                    seen["refused"] = str(error)
                break
        time.sleep(0.5)
    seen["exit_code"] = server.process.exit_code
    return seen


def _guarded(stage: _Stage, lines: Sequence[Known]) -> Run:
    """An etcd that lets only root compact: the spec is refused, and with the lines alone the compaction is denied."""
    refusal = ""
    try:
        stage.fence.give(_spec("apiserver"))
    except RingfenceFailed as error:
        refusal = str(error)
    stage.fence.give(_spec("etcd"))
    flags = _flags(stage.fence, "apiserver")
    run = _narrowed(stage, grants(lines), flags, "compaction by apiserver without the role root, on a guarded etcd")
    seen = dict(run.seen) | {"ringfence_refuses_the_spec": refusal}
    return Run(
        name=run.name,
        grants=run.grants,
        expected="a denial",
        held=run.held and bool(refusal),
        denials=run.denials,
        first_denial=run.first_denial,
        seconds=run.seconds,
        seen=seen,
    )


def _etcd_requests(server: Server) -> dict[str, int]:
    """What it counts of its requests to etcd, by operation, and its errors."""
    counted: dict[str, int] = {}
    for line in server.api.text("GET", "/metrics").splitlines():
        name, _, rest = line.partition("{")
        if name in {"etcd_requests_total", "etcd_request_errors_total"}:
            labels, _, value = rest.rpartition("} ")
            operation = labels.partition('operation="')[2].partition('"')[0]
            key = operation if name == "etcd_requests_total" else f"errors of {operation}"
            counted[key] = counted.get(key, 0) + int(float(value))
    return dict(sorted(counted.items()))
