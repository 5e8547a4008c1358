"""Which release a program under test says it is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from ringfence.model.version import Version

_RELEASE = re.compile(r"\bv?(\d+\.\d+\.\d+)")
_SECONDS = 60


class NoVersion(Exception):
    """It does not say; carries what it was asked."""


def version_of(program: Path, *arguments: str) -> Version:
    """The first release in what it writes when it is asked.

    Raises:
        NoVersion: there is none, or it does not run.
    """
    try:
        ran = subprocess.run([str(program), *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoVersion(f"{program} {' '.join(arguments)}: {error}") from None
    found = _RELEASE.search(ran.stdout + ran.stderr)
    version = None if found is None else Version.parse(found[1])
    if version is None:
        raise NoVersion(f"{program} {' '.join(arguments)} tells no release: {ran.stdout[:200]}{ran.stderr[:200]}")
    return version
