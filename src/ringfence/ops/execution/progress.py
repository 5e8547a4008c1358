"""How far a plan of two stores is: one count for both."""

from __future__ import annotations

from collections.abc import Callable

from ringfence.ops.telling import Advance


class Progress:
    """Counts the changes that are made.

    Args:
        advance: told how many are, and how many there are.
        total: of both stores.
    """

    def __init__(self, advance: Advance, total: int) -> None:
        self._advance, self._total, self._done = advance, total, 0

    def of_v3(self, done: int, _of_v3: int) -> None:
        """What ``change_users_and_roles`` tells: that so many of the store that comes first are made."""
        self._told(done)

    def after(self, done: int) -> Callable[[], None]:
        """What to call after each change of the store that comes next, when so many were made before."""
        self._done = done

        def one_more() -> None:
            self._told(self._done + 1)

        return one_more

    def _told(self, done: int) -> None:
        self._done = done
        self._advance(done, self._total)
