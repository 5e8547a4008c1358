"""What the server answered, read strictly: a part that is missing or of another kind is an error of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ringfence.errors import AuthorityRefused, Place


@dataclass(frozen=True, slots=True)
class Answer:
    """One JSON object; kept out of every ``repr``, for it may hold a token."""

    content: Mapping[str, object] = field(repr=False)
    place: Place

    def part(self, name: str) -> Answer:
        """An object in it.

        Raises:
            AuthorityRefused: there is none.
        """
        value = self.content.get(name)
        if not isinstance(value, Mapping):
            raise self._lacks(name)
        return Answer(value, self.place)

    def text(self, name: str) -> str:
        """A text in it, not empty.

        Raises:
            AuthorityRefused: there is none.
        """
        value = self.content.get(name)
        if not isinstance(value, str) or not value:
            raise self._lacks(name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; none where it is absent."""
        value = self.content.get(name)
        return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()

    def number(self, name: str) -> int:
        """A whole number; 0 where it is absent."""
        value = self.content.get(name)
        return value if isinstance(value, int) else 0

    def _lacks(self, name: str) -> AuthorityRefused:
        hint = "is that the address of OpenBao or Vault, and the path of its PKI engine?"
        return AuthorityRefused.of(f"the answer has no {name}", place=self.place, hint=hint)
