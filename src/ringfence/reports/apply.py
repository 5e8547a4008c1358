"""What apply did, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ringfence.changes.plan import Plan
from ringfence.changes.v2.change import EnableAuthV2
from ringfence.model.auth_status import OldWatches
from ringfence.proof.verification import Verification
from ringfence.reports.auth import confirm_text, watches_text
from ringfence.reports.plan import plan_text
from ringfence.reports.table import counted
from ringfence.reports.verification import verification_json, verification_text


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchTold:
    """What is to be said of the switches.

    Args:
        off_again: the proof failed, so auth of v3 is off as before.
        v2_off_again: the same of v2; v3's was not touched then.
        confirm_until: when auth goes off again unless somebody confirms.
        watches: what was connected before and must be restarted.
    """

    off_again: bool = False
    v2_off_again: bool = False
    confirm_until: datetime | None = None
    watches: OldWatches | None = None


NO_SWITCH = SwitchTold()


def applied_json(plan: Plan, verification: Verification | None, switch: SwitchTold = NO_SWITCH) -> dict[str, object]:
    """The plan that was carried out and the proof, null where there was nothing to do."""
    watches = switch.watches
    return {
        "plan": plan.to_json(),
        "switched_off_again": switch.off_again,
        **({} if plan.v2 is None else {"v2_switched_off_again": switch.v2_off_again}),
        "confirm_until": None if switch.confirm_until is None else switch.confirm_until.isoformat(timespec="seconds"),
        "watches": None
        if watches is None
        else {"before": dict(watches.before), "after": dict(watches.after), "restart": list(watches.restart)},
        "verification": None if verification is None else verification_json(verification),
    }


def applied_text(plan: Plan, verification: Verification | None, switch: SwitchTold = NO_SWITCH) -> str:
    """The proof, what is left to do by hand, and one line of result."""
    if verification is None:
        return plan_text(plan)
    parts = [verification_text(verification)]
    if switch.watches is not None:
        parts.append(watches_text(switch.watches))
    if switch.off_again:
        kept = " v2 auth, which was proved by itself, stays on." if EnableAuthV2() in plan.changes else ""
        parts.append(f"The proof failed, so auth is SWITCHED OFF AGAIN. Users and roles are in place; see above.{kept}")
    elif switch.v2_off_again:
        parts.append(
            "The proof of v2 failed, so v2 auth is SWITCHED OFF AGAIN, and auth of v3 was left as it was. "
            "Users and roles are in place; see above."
        )
    else:
        parts.append(f"Applied: {counted(len(plan.changes), 'change')}.")
    if switch.confirm_until is not None:
        parts.append(confirm_text(switch.confirm_until))
    return "\n\n".join(parts)
