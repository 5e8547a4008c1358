"""Who can do what, by the rules: of the users of the spec or of the cluster, and where each grant is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ringfence.errors import InputError
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Permission
from ringfence.model.state import State
from ringfence.model.version import Version
from ringfence.rules.answer import Answer, answer, not_counted, who_can
from ringfence.rules.calls import WITHOUT_KEYS, Call
from ringfence.rules.holdings import Holdings
from ringfence.rules.holes import Hole, is_reviewed
from ringfence.rules.question import nearest
from ringfence.rules.requests import Request, Service
from ringfence.spec.shape import Spec
from ringfence.wanted.answers.releases import Answers, by_rules_alone, in_one, united, worst
from ringfence.wanted.build import Wanted
from ringfence.wanted.segments.grants import Origin


@dataclass(frozen=True, slots=True)
class Source:
    """What answers rest on.

    Args:
        holdings: users and roles.
        versions: the releases that count: the spec's, or those of the live members; none where nobody told.
        origins: where each permission is written.
        live: whether the users and roles are those of the cluster.
    """

    holdings: Holdings
    versions: tuple[Version, ...]
    origins: Mapping[tuple[RoleName, Permission], Origin]
    live: bool

    @property
    def unreviewed(self) -> tuple[Version, ...]:
        """The releases that are newer than all whose rules and holes were reviewed."""
        return tuple(version for version in self.versions if not is_reviewed(version))


@dataclass(frozen=True, slots=True)
class Answered:
    """What one user gets for one request, on one release."""

    user: UserName
    request: Request
    answer: Answer
    source: Source


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """What a user gets for a call without keys.

    Args:
        call: the call.
        answer: of the release that gives the most.
        alone: the releases of the cluster that allow it by their rules, where others do not; else none.
    """

    call: Call
    answer: Answer
    alone: tuple[Version, ...]


def from_spec(spec: Spec, wanted: Wanted, version: Version | None = None) -> Source:
    """What the spec asks for; ``version`` counts instead of the spec's."""
    named = version or spec.cluster.etcd
    return Source(Holdings(wanted.state), () if named is None else (named,), wanted.origins, live=False)


def from_cluster(state: State, versions: tuple[Version, ...], wanted: Wanted, version: Version | None = None) -> Source:
    """What is stored in etcd; the spec still tells where a permission is written that is the same in both."""
    distinct = tuple(dict.fromkeys(versions))
    return Source(Holdings(state), distinct if version is None else (version,), wanted.origins, live=True)


def can(source: Source, user: UserName, request: Request) -> Answered:
    """What ``user`` gets for ``request``.

    Raises:
        InputError: there is no such user, the release is too old, or the members' releases have different rules for it.
    """
    check_user(source, user)
    return Answered(user, request, in_one(_answers(source, user, request)), source)


def who(source: Source, request: Request) -> tuple[Answered, ...]:
    """Every user who gets all of ``request`` or a part of it, in the order of their names.

    Raises:
        InputError: the release is too old, or the members' releases have different rules for it.
    """
    found = {version: dict(who_can(source.holdings, request, version)) for version in source.versions or (None,)}

    def answers(user: UserName) -> Answers:
        """Also of a release that gives the user nothing."""
        return {
            version: given.get(user) or answer(source.holdings, user, request, version)
            for version, given in found.items()
        }

    users = sorted({user for given in found.values() for user in given})
    return tuple(Answered(user, request, in_one(answers(user)), source) for user in users)


def calls(source: Source, user: UserName) -> tuple[CallAnswered, ...]:
    """What ``user`` gets for every call that names no key and no lease.

    Raises:
        InputError: the release is too old.
    """
    found = ((call, _answers(source, user, Service(call))) for call in WITHOUT_KEYS)
    return tuple(CallAnswered(call, worst(list(each.values())), by_rules_alone(each)) for call, each in found)


def others_by_holes(source: Source, request: Request) -> tuple[Hole, ...]:
    """The holes by which more than ``who`` names can have what is asked; none while everybody may do everything.

    Raises:
        InputError: the release is too old.
    """
    if not source.holdings.state.auth_enabled:
        return ()
    return united(not_counted(request, version) for version in source.versions)


def more_by_holes(source: Source, user: UserName, counted: Sequence[CallAnswered]) -> tuple[Hole, ...]:
    """The holes by which ``user`` can have more than its grants and the calls in ``counted``; none for the role root.

    Raises:
        InputError: the release is too old.
    """
    if not source.holdings.state.auth_enabled or source.holdings.is_root(user):
        return ()
    known = {hole.id for one in counted for hole in one.answer.holes}
    found = united(not_counted(None, version) for version in source.versions)
    return tuple(hole for hole in found if hole.id not in known)


def check_user(source: Source, user: UserName) -> None:
    """Refuse a name that is no user.

    Raises:
        InputError: with the nearest name there is.
    """
    known = source.holdings.state.users
    if user not in known:
        where = "the cluster" if source.live else "the spec"
        near = nearest(user, known)
        hint = f"did you mean {near}?" if near else f"users: {', '.join(sorted(known)[:10]) or 'none'}"
        raise InputError.of(f"{user!r} is no user of {where}", hint=hint)


def _answers(source: Source, user: UserName, request: Request) -> Answers:
    return {version: answer(source.holdings, user, request, version) for version in source.versions or (None,)}
