"""That nobody else changes users and roles while a plan is carried out.

Every write of ours is acknowledged and raises etcd's auth revision by a known number, so a revision that grew by just
that says that there were no other writes; it costs one request a batch. Before etcd 3.5 there is no such number to be
had, and the state is read back instead, once, at the end; so it is where a member before 3.5 takes the place of the
newer one that was asked first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ringfence.changes.change import Change
from ringfence.changes.effect import after, differences
from ringfence.errors import AlreadyThere, Interference, NotThere, Problem
from ringfence.etcd.client import Client
from ringfence.etcd.observe import Observed, observe
from ringfence.ops.execution.batches import auth_writes

_HINT = "run plan to see what is left to do"


class Watchfulness:
    """Knows what was there at the start and what we made since."""

    def __init__(self, start: Observed) -> None:
        self._start = start
        self._made: list[Change] = []
        self._under_way: list[Change] = []
        self._is_told = start.auth_revision is not None

    @contextmanager
    def making(self, change: Change) -> Iterator[None]:
        """While the request for a change is under way: it was made if it ends well, and was not if etcd refuses it."""
        self._under_way.append(change)
        try:
            yield
        except (AlreadyThere, NotThere):
            self._under_way.remove(change)
            raise
        self._under_way.remove(change)
        self._made.append(change)

    async def check(self, client: Client) -> None:
        """After a batch: that the auth revision is ours.

        Raises:
            Interference: it is not; with what differs from what should be there.
        """
        then = self._start.auth_revision
        if then is None:
            return
        now = await client.auth.revision()
        if now is None:
            self._is_told = False
        elif now != then + sum(map(auth_writes, self._made)):
            raise await self.interference(client)

    async def check_all(self, client: Client) -> None:
        """At the end, where no revision told: that the state is what our changes make of the first one.

        Raises:
            Interference: it is not; with what differs.
        """
        if not self._is_told:
            problems = await self._differences(client)
            if problems:
                raise Interference(*problems)

    async def interference(self, client: Client) -> Interference:
        """That somebody else was at work, and what differs from what should be there."""
        return interference(*await self._differences(client))

    async def _differences(self, client: Client) -> tuple[Problem, ...]:
        """What is otherwise, whether or not what was still under way has arrived."""
        found = (await observe(client)).state
        made = differences(after(self._start.state, self._made), found)
        if not self._under_way:
            return made
        arrived = differences(after(self._start.state, [*self._made, *self._under_way]), found)
        return tuple(problem for problem in made if problem in arrived)


def interference(*found: Problem) -> Interference:
    """That somebody else was at work; ``found`` says what of."""
    what = "somebody else changed users or roles while the plan was carried out"
    return Interference(Problem(what, hint=_HINT), *found)
