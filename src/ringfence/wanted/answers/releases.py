"""One answer for a cluster whose members run several releases, as during an upgrade.

Whoever asks chooses the member, so the worst release decides what a hole gives. Where the rules themselves differ, and
not only how well they are kept, there is no one answer, and that is said. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ringfence.errors import InputError
from ringfence.model.version import Version
from ringfence.rules.answer import Answer
from ringfence.rules.holes import Hole

Answers = Mapping[Version | None, Answer]
"""What each release answers to the same request; None are the rules alone."""


def in_one(answers: Answers) -> Answer:
    """What holds on the cluster: where a release lets it pass through a hole, that; with the holes of all releases.

    Raises:
        InputError: a release allows by its rules what another denies.
    """
    if by_rules_alone(answers):
        raise InputError.of(
            f"the members run several releases: {_who(answers, allowed=True)} allows it, "
            f"and {_who(answers, allowed=False)} does not",
            hint="name one of them with --etcd VERSION",
        )
    return worst(list(answers.values()))


def by_rules_alone(answers: Answers) -> tuple[Version, ...]:
    """The releases that allow it, where they do so by their rules and others do not; else none."""
    allowing = {version: one for version, one in answers.items() if one.allowed}
    if len(allowing) == len(answers) or not any(one.by_rules.allowed for one in allowing.values()):
        return ()
    return tuple(version for version in allowing if version is not None)


def worst(found: Sequence[Answer]) -> Answer:
    """The answer that gives the most, those through holes first, with the holes of all that answer so."""
    if len(found) == 1:
        return found[0]
    first = max(found, key=lambda one: (one.allowed, bool(one.holes), len(one.around)))
    alike = [one for one in found if one.allowed == first.allowed]
    return replace(
        first,
        holes=united(one.holes for one in alike),
        around=united(one.around for one in alike),
    )


def united(several: Iterable[tuple[Hole, ...]]) -> tuple[Hole, ...]:
    """The holes of several releases, each of them once."""
    return tuple({hole.id: hole for holes in several for hole in holes}.values())


def _who(answers: Answers, *, allowed: bool) -> str:
    versions = [str(version) for version, one in answers.items() if one.allowed == allowed]
    return f"etcd {', '.join(versions)}"
