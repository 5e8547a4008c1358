"""Free TCP ports on loopback, for listeners that start a moment later.

Ports are drawn below the range that the kernel gives to outgoing connections (from 32768 on, Linux
``ip_local_port_range``), because one of those could take a port between here and the start of the listener.
A port can still be lost to another listener; the start then fails with an error that says so.
"""

from __future__ import annotations

import os
import random
import socket

from ringfence.errors import LocalError

_LOWEST, _HIGHEST = 20000, 32767
_LANES = 64
"""A port is free when it is looked at and bound later; processes that look at the same time look in other lanes."""

_TRIES = 2000


def free_ports(count: int) -> tuple[int, ...]:
    """``count`` different ports of 127.0.0.1 on which nothing listens.

    Raises:
        LocalError: not that many were found.
    """
    draw = random.SystemRandom()
    found: list[int] = []
    for _ in range(_TRIES):
        if len(found) == count:
            break
        port = draw.randrange(_LOWEST + os.getpid() % _LANES, _HIGHEST + 1, _LANES)
        if port not in found and _is_free(port):
            found.append(port)
    if len(found) < count:
        raise LocalError.of(
            f"no {count} free ports between {_LOWEST} and {_HIGHEST} on 127.0.0.1", hint="stop what listens there"
        )
    return tuple(found)


def _is_free(port: int) -> bool:
    with socket.socket() as candidate:
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
