"""How a signal ends what is under way: cancelled where it waits, and not broken off where it stands."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, os, signal
from ringfence.__main__ import end_as_with_ctrl_c

async def main():
    os.kill(os.getpid(), signal.{signalled})
    print("goes on to where it waits")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("is cancelled there")
        raise

end_as_with_ctrl_c()
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("and ends as with Ctrl-C")
"""
IN_ORDER = "goes on to where it waits\nis cancelled there\nand ends as with Ctrl-C\n"
AS_A_JOB = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")


@pytest.mark.parametrize("started", [(), AS_A_JOB], ids=["alone", "as a job"])
@pytest.mark.parametrize("signalled", ["SIGTERM", "SIGHUP"])
def test_what_is_under_way_ends_in_order(signalled: str, started: tuple[str, ...]) -> None:
    """It goes on to where it waits and is cancelled there, also as a script's job, which ignores Ctrl-C."""
    assert IN_ORDER == run(signalled, started)


def test_a_job_ignores_ctrl_c() -> None:
    """What a script runs in its background goes on when somebody types Ctrl-C at the script."""
    program = PROGRAM.replace("asyncio.sleep(60)", "asyncio.sleep(0)")
    assert "goes on to where it waits\n" == run("SIGINT", AS_A_JOB, program)


def run(signalled: str, started: tuple[str, ...], program: str = PROGRAM) -> str:
    """What the program says that sends itself a signal."""
    command = [*started, sys.executable, "-c", program.format(signalled=signalled)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
