"""Running the command ``ringfence`` for the modules of this project, and reading what it says as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

IN_SYNC, COULD_NOT, DIFFERS = 0, 1, 2
"""The exit codes of ringfence."""

ARGUMENTS: Mapping[str, Mapping[str, object]] = {
    "command": {"type": "list", "elements": "str", "default": ["ringfence"]},
    "spec": {"type": "path", "required": True},
}
"""What both modules take."""


class Runner(Protocol):
    """The part of an AnsibleModule that runs commands and tells of failures."""

    params: Mapping[str, object]

    def run_command(self, args: Sequence[str]) -> tuple[int, str, str]:
        """Exit code, stdout and stderr."""

    def fail_json(self, msg: str, **_more: object) -> None:
        """End the module."""


@dataclass(frozen=True)
class Answer:
    """Exit code, and the JSON on stdout."""

    code: int
    value: Mapping[str, object]


def ringfence(module: Runner, *arguments: str) -> Answer:
    """What a verb answers; the module fails where ringfence could not, with its words."""
    command = module.params["command"]
    assert isinstance(command, list)
    code, out, err = module.run_command([*command, "-o", "json", "-f", str(module.params["spec"]), *arguments])
    if code not in (IN_SYNC, DIFFERS):
        module.fail_json(msg=f"ringfence {arguments[0]} could not: {err.strip() or out.strip()}")
    try:
        value = json.loads(out)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        module.fail_json(msg=f"ringfence {arguments[0]} wrote no JSON: {err.strip()}")
        raise AssertionError
    return Answer(code, value)


def commands(plan: object) -> list[object]:
    """Each change of a plan as the etcdctl command for it; a secret stands there as a variable."""
    changes = plan.get("changes") if isinstance(plan, dict) else None
    return [change.get("etcdctl") for change in changes or () if isinstance(change, dict)]


def planned(module: Runner) -> tuple[bool, dict[str, object]]:
    """Whether apply would change something, and what; the module fails where members of etcd differ."""
    answer = ringfence(module, "plan")
    changes = commands(answer.value)
    if answer.code == DIFFERS and not changes:
        differing = {
            str(member.get("name")): member["differences"]
            for member in _list(answer.value.get("members"))
            if isinstance(member, dict) and member.get("differences")
        }
        what = "the plan changes nothing, and still etcd is not as the spec wants it: see members and alarms"
        module.fail_json(msg=what, members=differing, alarms=answer.value.get("alarms"))
    return bool(changes), {"changes": changes, "summary": answer.value.get("summary")}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
