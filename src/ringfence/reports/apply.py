"""What apply did, for people and for programs."""

from __future__ import annotations

from datetime import datetime

from ringfence.changes.plan import Plan
from ringfence.model.auth_status import OldWatches
from ringfence.proof.verification import Verification
from ringfence.reports.auth import confirm_text, watches_text
from ringfence.reports.plan import plan_text
from ringfence.reports.table import counted
from ringfence.reports.verification import verification_json, verification_text


def applied_json(
    plan: Plan,
    verification: Verification | None,
    *,
    switched_off_again: bool,
    confirm_until: datetime | None = None,
    watches: OldWatches | None = None,
) -> dict[str, object]:
    """The plan that was carried out and the proof, null where there was nothing to do."""
    return {
        "plan": plan.to_json(),
        "switched_off_again": switched_off_again,
        "confirm_until": None if confirm_until is None else confirm_until.isoformat(timespec="seconds"),
        "watches": None
        if watches is None
        else {"before": dict(watches.before), "after": dict(watches.after), "restart": list(watches.restart)},
        "verification": None if verification is None else verification_json(verification),
    }


def applied_text(
    plan: Plan,
    verification: Verification | None,
    *,
    switched_off_again: bool,
    confirm_until: datetime | None = None,
    watches: OldWatches | None = None,
) -> str:
    """The proof, what is left to do by hand, and one line of result."""
    if verification is None:
        return plan_text(plan)
    parts = [verification_text(verification)]
    if watches is not None:
        parts.append(watches_text(watches))
    if switched_off_again:
        parts.append("The proof failed, so auth is SWITCHED OFF AGAIN. Users and roles are in place; see above.")
    else:
        parts.append(f"Applied: {counted(len(plan.changes), 'change')}.")
    if confirm_until is not None:
        parts.append(confirm_text(confirm_until))
    return "\n\n".join(parts)
