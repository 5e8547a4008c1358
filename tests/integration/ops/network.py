"""A network between the members of a real cluster, and between them and their clients, that can be cut.

Every advertised URL leads to a relay of ours, which passes bytes on and reads none of them: TLS is between the ends.
What is cut is as with a wire that was pulled: connections stay open and nothing comes through, in both directions,
until it is plugged in again; then they go on. No privilege is needed, as it would be for a network namespace.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CLIENTS = "clients"
"""The end of a wire that is no member."""

_FRONT, _BEHIND = "127.0.0.1", "127.0.0.2"
"""Where relays listen, and where the members do, on the same ports."""

_CHUNK = 65536


class Network:
    """The wires. ``stand_between`` goes where ``operation`` takes ``member_config``."""

    def __init__(self) -> None:
        self._cut: set[frozenset[str]] = set()
        self._changed = threading.Condition()
        self._listeners: list[socket.socket] = []
        self._connections: list[socket.socket] = []
        self._over = False

    def stand_between(self, config: dict[str, Any]) -> None:
        """Let a member listen elsewhere, and relay what comes to where it says that it listens."""
        for kind in ("client", "peer"):
            port = int(urlsplit(config[f"listen-{kind}-urls"]).port or 0)
            config[f"listen-{kind}-urls"] = f"https://{_BEHIND}:{port}"
            self._relay(config["name"], kind, port)

    def cut(self, one: str, *others: str) -> None:
        """Pull the wires between ``one`` and each of the others: names of members, or CLIENTS."""
        with self._changed:
            self._cut |= {frozenset((one, other)) for other in others}

    def mend(self) -> None:
        """Plug everything in again."""
        with self._changed:
            self._cut.clear()
            self._changed.notify_all()

    def end(self) -> None:
        """Close all."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
        for each in (*self._listeners, *self._connections):
            _close(each)

    def _relay(self, member: str, kind: str, port: int) -> None:
        listener = socket.create_server((_FRONT, port), backlog=256)
        self._listeners.append(listener)
        threading.Thread(target=self._serve, args=(listener, member, kind, port), daemon=True).start()

    def _serve(self, listener: socket.socket, member: str, kind: str, port: int) -> None:
        with suppress(OSError):  # closed at the end
            while True:
                near, (_, caller) = listener.accept()
                self._connections.append(near)
                threading.Thread(target=self._connect, args=(near, caller, member, kind, port), daemon=True).start()

    def _connect(self, near: socket.socket, caller: int, member: str, kind: str, port: int) -> None:
        other = CLIENTS if kind == "client" else _member_at(caller, port)
        wire = frozenset((member, other or CLIENTS))
        try:
            if other is None or not self._is_whole(wire):
                raise ConnectionError
            far = socket.create_connection((_BEHIND, port), source_address=(_FRONT, 0))
        except OSError:
            _close(near)
            return
        self._connections.append(far)
        threading.Thread(target=self._pass_on, args=(near, far, wire), daemon=True).start()
        self._pass_on(far, near, wire)

    def _pass_on(self, source: socket.socket, sink: socket.socket, wire: frozenset[str]) -> None:
        with suppress(OSError):
            while (data := source.recv(_CHUNK)) and self._is_whole(wire):
                sink.sendall(data)
        if self._is_whole(wire):  # an end that goes away behind a cut wire is not noticed by the other
            _close(source)
            _close(sink)

    def _is_whole(self, wire: frozenset[str]) -> bool:
        """Wait until the wire is whole; False where all is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or wire not in self._cut)
            return not self._over


@contextmanager
def network() -> Iterator[Network]:
    """One, whose relays end with it."""
    wires = Network()
    try:
        yield wires
    finally:
        wires.end()


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


def _member_at(caller: int, relay: int) -> str | None:
    """Which member's process holds the connection from one port of loopback to another; None where it is gone."""
    ends = [f"0100007F:{port:04X}" for port in (caller, relay)]
    for line in Path("/proc/net/tcp").read_text().splitlines():
        fields = line.split()
        if fields[1:3] == ends:
            return _holder(f"socket:[{fields[9]}]")
    return None


def _holder(connection: str) -> str | None:
    """The member whose process has this open, by the folder of its configuration."""
    for process in (each for each in Path("/proc").iterdir() if each.name.isdigit()):
        with suppress(OSError):  # it may end meanwhile
            config = [word for word in (process / "cmdline").read_text().split("\0") if "etcd.conf.yml" in word]
            if config and connection in {_target(each) for each in (process / "fd").iterdir()}:
                return Path(config[0]).parent.name
    return None


def _target(link: Path) -> str:
    with suppress(OSError):
        return str(link.readlink())
    return ""
