"""A network of the harness's own: programs that configure interfaces must find others than the machine's.

The harness starts itself again in new network and mount namespaces, where it has a loopback, one pair of interfaces
that leads nowhere, and empty folders in the place of those that Calico writes to. All of it ends with the process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from conformance.harness.calico_objects import NODE_ADDRESS

_MARK = "RINGFENCE_CONFORMANCE_INSIDE"
_WRITTEN = ("/run", "/var/lib", "/var/log")
INTERFACE = "conformance0"


class NoNetwork(Exception):
    """The namespaces cannot be had; carries why."""


def is_inside() -> bool:
    """Whether this process is the one inside."""
    return _MARK in os.environ


def enter(arguments: list[str]) -> int:
    """Run the harness again, inside; returns its exit code.

    Raises:
        NoNetwork: this takes root, and the programs ``unshare``, ``ip`` and ``mount``.
    """
    missing = [name for name in ("unshare", "ip", "mount") if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        raise NoNetwork(f"needs root and the programs unshare, ip, mount ({', '.join(missing) or 'they are there'})")
    command = ["unshare", "--net", "--mount", "--", sys.executable, "-m", "conformance.harness", *arguments]
    return subprocess.run(command, env=os.environ | {_MARK: "yes"}, check=False).returncode


def furnish() -> None:
    """Make what programs expect to find, inside."""
    for folder in _WRITTEN:
        _do("mount", "-t", "tmpfs", "conformance", folder)
    _do("ip", "link", "set", "lo", "up")
    _do("ip", "link", "add", INTERFACE, "type", "veth", "peer", "name", f"{INTERFACE}p")
    _do("ip", "address", "add", NODE_ADDRESS, "dev", INTERFACE)
    _do("ip", "link", "set", INTERFACE, "up")
    _do("ip", "link", "set", f"{INTERFACE}p", "up")


def _do(*command: str) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise NoNetwork(f"{' '.join(command)}: {ran.stderr.strip()}")
