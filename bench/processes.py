"""Running other programs to the end, as a shell script would: one after the other, and a failure ends it all."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def run(
    command: Sequence[str], *, given: bytes = b"", folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> bytes:
    """Run a program and return what it wrote to stdout.

    Raises:
        SystemExit: it failed; a figure for work that was not done is worse than none.
    """
    ran = subprocess.run(command, input=given, capture_output=True, check=False, cwd=folder, env=environ)
    if ran.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {ran.stderr.decode(errors='replace')}")
    return ran.stdout
