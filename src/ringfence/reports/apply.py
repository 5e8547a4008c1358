"""What apply did, for people and for programs."""

from __future__ import annotations

from ringfence.changes.plan import Plan
from ringfence.proof.verification import Verification
from ringfence.reports.plan import summary_line
from ringfence.reports.table import counted
from ringfence.reports.verification import verification_json, verification_text


def applied_json(plan: Plan, verification: Verification | None, *, switched_off_again: bool) -> dict[str, object]:
    """The plan that was carried out and the proof, null where there was nothing to do."""
    return {
        "plan": plan.to_json(),
        "switched_off_again": switched_off_again,
        "verification": None if verification is None else verification_json(verification),
    }


def applied_text(plan: Plan, verification: Verification | None, *, switched_off_again: bool) -> str:
    """The proof and one line of result."""
    if verification is None:
        return summary_line(plan)
    parts = [verification_text(verification)]
    if switched_off_again:
        parts.append("The proof failed, so auth is SWITCHED OFF AGAIN. Users and roles are in place; see above.")
    else:
        parts.append(f"Applied: {counted(len(plan.changes), 'change')}.")
    return "\n\n".join(parts)
