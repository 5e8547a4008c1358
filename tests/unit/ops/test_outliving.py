"""When a guard is said to outlive the process that started it."""

from __future__ import annotations

import pytest

from ringfence.ops.switch.outliving import outlives

PID, CGROUP, OTHER = "pid:[4026531836]", "cgroup:[4026531835]", "[4026532178]"


@pytest.mark.parametrize(
    ("pid", "cgroup", "first", "expected"),
    [
        (PID, CGROUP, "systemd", True),
        (PID, CGROUP, "busybox", True),  # whatever a machine boots with
        (PID, CGROUP, None, True),  # /proc mounted with hidepid
        (PID, None, "init", True),  # a kernel without cgroup namespaces
        (None, None, None, True),  # no Linux
        (f"pid:{OTHER}", f"cgroup:{OTHER}", "ringfence", False),
        (f"pid:{OTHER}", CGROUP, "sh", False),
        (f"pid:{OTHER}", f"cgroup:{OTHER}", None, False),
        (f"pid:{OTHER}", f"cgroup:{OTHER}", "tini", False),
        (f"pid:{OTHER}", f"cgroup:{OTHER}", "systemd", True),  # a machine in a container
        (PID, f"cgroup:{OTHER}", "systemd", False),  # a container with the host's processes
    ],
)
def test_where_it_does(pid: str | None, cgroup: str | None, first: str | None, expected: bool) -> None:
    """On a machine, and in a container that is run as one; in no other container."""
    assert expected == outlives({"pid": pid, "cgroup": cgroup}, first)
