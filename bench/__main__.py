"""``python -m bench [JOB ...] [--json FILE]``; results on stdout, the jobs below."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

from bench import report
from bench.measure import Section, Tell

JOBS = ("certs", "openbao", "apply", "nodes", "verify", "v2", "startup", "catalog", "rules")
"""Each a module of this package with a function ``run``."""


async def _measured(jobs: list[str]) -> list[Section]:
    sections: list[Section] = []
    for job in jobs:
        run: Callable[[Tell], Awaitable[tuple[Section, ...]]] = import_module(f"bench.{job}").run

        def tell(what: str, job: str = job) -> None:
            sys.stderr.write(f"{job}: {what}\n")

        sections.extend(await run(tell))
    return sections


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure ringfence beside the raw limits.")
    parser.add_argument("jobs", nargs="*", choices=[[], *JOBS], help="what to measure; default: everything")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every round to FILE")
    given = parser.parse_args()
    start = time.monotonic()
    sections = asyncio.run(_measured(given.jobs or list(JOBS)))
    machine = f"{len(os.sched_getaffinity(0))} cores, {platform.system()}, Python {platform.python_version()}"
    seconds = time.monotonic() - start
    sys.stdout.write(f"ringfence benchmarks: {machine}; median, min .. max; {seconds:.0f} s\n\n")
    sys.stdout.write(f"{report.text(sections)}\n")
    if given.json:
        given.json.write_text(json.dumps({"machine": machine, "sections": report.data(sections)}, indent=2) + "\n")


if __name__ == "__main__":
    _main()
