"""After a connection was lost: whether what is there now is the work of our own changes, made or under way.

etcd does not tell which request of a lost connection arrived, so the end is compared and not the way: what is left to
do must lead to the very state that the reviewed plan would have led to, by changes that were reviewed.
"""

from __future__ import annotations

from ringfence.changes.change import Change, EnableAuth
from ringfence.changes.effect import after, differences
from ringfence.changes.etcdctl import command
from ringfence.errors import Problem
from ringfence.model.state import State
from ringfence.ops.execution.watchfulness import interference
from ringfence.ops.planning import Planned


def check_explained(start: Planned, left: Planned, reviewed: frozenset[Change]) -> None:
    """Refuse to go on where somebody else was at work.

    Args:
        start: the plan, and what it was made from.
        left: the same, made again now.
        reviewed: the changes of the plan, and what is left of one that was stopped in the middle.

    Raises:
        Interference: with what differs, and what nobody has reviewed.
    """
    found = differences(_end(start), _end(left))
    more = [Problem(f"it would now take {command(each)}") for each in left.plan.changes_v3 if each not in reviewed]
    if found or more:
        raise interference(*found, *more)


def _end(planned: Planned) -> State:
    """Users and roles when all is done; the switch has a proof of its own."""
    return after(planned.observed.state, (change for change in planned.plan.changes_v3 if change != EnableAuth()))
