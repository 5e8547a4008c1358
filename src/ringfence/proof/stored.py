"""What etcd's stored users and roles say against the spec, where no probe could: about everybody who has an account.

A probe asks as identities of the spec, and a few keys; here every user and every span is compared. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ringfence.errors import Problem
from ringfence.keyspace import SpanSet
from ringfence.model.names import RoleName, UserName, is_spare
from ringfence.model.state import Reach, State
from ringfence.model.text import span_text
from ringfence.proof.violation import Unproven, Violation

ALLOWED_BY = "allowed by roles: "
"""What stands before the roles in a violation."""

_MOST_PLACES = 4
_MEMBER = "(stored)"
"""In the place of a member: it is the same on all of them."""


def beyond(observed: State, wanted: State, segments: Iterable[SpanSet]) -> Iterator[Violation]:
    """What the stored roles let somebody do in a segment although the spec does not.

    Args:
        observed: the users and roles that are stored.
        wanted: those of the spec.
        segments: the keys of each owner; what lies in none of them is nobody's, and not looked at.
    """
    owned = [*segments]
    reach_there, reach_wanted = _reaches(observed), _reaches(wanted)
    for user in sorted(observed.users):
        there, allowed = reach_there(user), reach_wanted(user)
        for operation, extra in (("read", there.read - allowed.read), ("write", there.write - allowed.write)):
            for spans in owned:
                for span in extra & spans:
                    roles = f"{ALLOWED_BY}{', '.join(sorted(observed.users[user].roles))}"
                    yield Violation(user, _MEMBER, operation, span_text(span), "denied", roles)


def short(observed: State, wanted: State, unproven: Iterable[Unproven]) -> Iterator[Violation]:
    """What the stored roles keep from somebody who could not be tried, although the spec gives it.

    Args:
        observed: the users and roles that are stored.
        wanted: those of the spec.
        unproven: who could not be tried.
    """
    reach_there, reach_wanted = _reaches(observed), _reaches(wanted)
    for user in (UserName(left.identity) for left in unproven):
        there, needed = reach_there(user), reach_wanted(user)
        for operation, missing in (("read", needed.read - there.read), ("write", needed.write - there.write)):
            for span in missing:
                yield Violation(user, _MEMBER, operation, span_text(span), "allowed", "not allowed by its roles")


def ways_around(found: Iterable[Violation]) -> Iterator[Problem]:
    """A problem for each user whose stored roles reach further than the spec: with them, auth would not fence.

    A spare key is none: one that was left is deleted by the plan, so this is that of another apply, at the switch now.

    Args:
        found: what ``beyond``, or its like for v2, found.
    """
    by_user: dict[tuple[str, str], list[Violation]] = {}
    for each in found:
        if not is_spare(UserName(each.identity)):
            by_user.setdefault((each.api, each.identity), []).append(each)
    for (api, user), reached in by_user.items():
        places = list(dict.fromkeys(f"{each.operation} {each.key}" for each in reached))
        more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
        what, otherwise = ("user", ", or write it under users") if api == "v3" else (f"{api} user", "")
        roles = reached[0].observed.removeprefix(ALLOWED_BY)
        yield Problem(
            f"{what} {user} may {', '.join(places[:_MOST_PLACES])}{more} by its roles ({roles}), "
            "and the spec does not say so",
            hint=f"delete it (apply --prune users), or take the roles from it{otherwise}",
        )


def _reaches(state: State) -> Callable[[UserName], Reach]:
    """The reach of users, worked out once for each set of roles: thousands of nodes may hold the same."""
    known: dict[frozenset[RoleName], Reach] = {}

    def reach(user: UserName) -> Reach:
        roles = state.users[user].roles if user in state.users else frozenset[RoleName]()
        if roles not in known:
            known[roles] = state.reach(user)
        return known[roles]

    return reach
