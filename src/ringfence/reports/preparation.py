"""``certs prepare`` for people and for programs."""

from __future__ import annotations

from ringfence.model.preparation import Preparation
from ringfence.reports.table import counted


def preparation_json(found: Preparation) -> dict[str, object]:
    """The JSON contract of ``certs prepare``."""
    return {
        "ready": found.is_ready,
        "carried_out": found.done,
        "changes": [{"what": step.what, "command": step.command} for step in found.steps],
        "unneeded": list(found.unneeded),
        "policy": found.issuing_policy,
    }


def preparation_text(found: Preparation, *, commands: bool = False) -> str:
    """A line for each change, with its command where they are asked for, and one that counts."""
    lines = []
    for step in found.steps:
        lines.append(f"  + {step.what}")
        if commands:
            lines.extend(f"      {line}" for line in step.command.splitlines())
    lines.extend(f"  ! role {name} is of no identity in the spec, and is left alone" for name in found.unneeded)
    return "\n".join([*lines, _summary(found)])


def _summary(found: Preparation) -> str:
    policy = f"what logs in to issue needs the policy {found.issuing_policy}"
    if not found.steps:
        return f"The server is ready; {policy}."
    changes = counted(len(found.steps), "change")
    return f"Carried out {changes}; {policy}." if found.done else f"{changes} to carry out: certs prepare --yes."
