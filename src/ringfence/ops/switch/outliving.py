"""Whether a guard goes on when we end. In a container it does not, so there ``apply --confirm-within`` stays.

A guard leaves its session, and nothing leaves a container: when the first process of a PID namespace ends, the kernel
kills all others in it (``man 7 pid_namespaces``), and with the host's PID namespace the runtime kills what is left in
the container's cgroup. Both do it by SIGKILL, so the guard cannot even do its task first.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_FIRST = {"pid": "pid:[4026531836]", "cgroup": "cgroup:[4026531835]"}
"""The namespaces in which every machine boots, as /proc shows them (Linux ``include/uapi/linux/nsfs.h``)."""


CONTAINER_STAYS = "RINGFENCE_CONTAINER_STAYS"
"""Set to 1 where the container does not end with the program, which nothing in it can see."""


def guard_outlives_us() -> bool:
    """Whether it does, as far as this machine shows: one without Linux's /proc has no such namespaces."""
    if os.environ.get(CONTAINER_STAYS) == "1":
        return True
    namespaces = {kind: _shown(kind) for kind in _FIRST}
    first = None
    with suppress(OSError):
        first = Path("/proc/1/comm").read_text(encoding="utf-8", errors="replace").strip()
    return outlives(namespaces, first)


def outlives(namespaces: dict[str, str | None], first: str | None) -> bool:
    """The rule.

    Args:
        namespaces: of this process, by kind, as /proc shows them; None where it does not.
        first: the command of process 1, None where that cannot be seen.
    """
    foreign = {kind for kind, shown in namespaces.items() if shown not in {None, _FIRST[kind]}}
    if "pid" in foreign:
        return first == "systemd"  # a machine in a container: it ends as a machine does, and tells everybody before
    return "cgroup" not in foreign


def _shown(kind: str) -> str | None:
    try:
        return str(Path(f"/proc/self/ns/{kind}").readlink())
    except OSError:
        return None
