"""What the v2 API answered, read strictly: a part that is missing or of another kind is an error of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ringfence.errors import Place, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerV2:
    """One HTTP answer.

    Args:
        status: its status.
        content: the JSON object in it; empty where there is none.
        text: all of it.
        index: of the store of v2 (``X-Etcd-Index``), None where it was not told; 0 with a denial.
        from_v2: whether it names the cluster, as all of the key space and most of the auth calls do, and nothing else.
        place: who was asked what.
    """

    status: int
    content: Mapping[str, object] = field(default_factory=dict, repr=False)
    text: str = field(default="", repr=False)
    index: int | None = None
    from_v2: bool = True
    place: Place

    @property
    def is_success(self) -> bool:
        """Whether it is a yes."""
        return 200 <= self.status < 300

    @property
    def code(self) -> int | None:
        """The number of an error of the key space (etcd ``api/v2error/error.go``), None where there is none."""
        value = self.content.get("errorCode")
        return value if isinstance(value, int) else None

    def flag(self, name: str) -> bool:
        """A truth value in it.

        Raises:
            Refused: there is none.
        """
        value = self.content.get(name)
        if not isinstance(value, bool):
            raise self._lacks(name)
        return value

    def name(self, name: str) -> str:
        """A text in it.

        Raises:
            Refused: there is none.
        """
        value = self.content.get(name)
        if not isinstance(value, str):
            raise self._lacks(name)
        return value

    def names(self, name: str) -> tuple[str, ...]:
        """A list of texts; none where it is absent or null, as Go writes an empty list."""
        value = self.content.get(name)
        if value is not None and not isinstance(value, list):
            raise self._lacks(name)
        return tuple(each for each in value or () if isinstance(each, str))

    def part(self, name: str) -> AnswerV2:
        """An object in it.

        Raises:
            Refused: there is none.
        """
        value = self.content.get(name)
        if not isinstance(value, dict):
            raise self._lacks(name)
        return AnswerV2(status=self.status, content=value, place=self.place)

    def parts(self, name: str) -> tuple[AnswerV2, ...]:
        """A list of objects; none where it is absent or null."""
        value = self.content.get(name)
        if value is not None and not isinstance(value, list):
            raise self._lacks(name)
        objects = (each for each in value or () if isinstance(each, dict))
        return tuple(AnswerV2(status=self.status, content=each, place=self.place) for each in objects)

    def _lacks(self, name: str) -> Refused:
        hint = "is that a client URL of etcd (listen-client-urls)?"
        return Refused.of(f"the answer has no {name} as etcd writes it", place=self.place, hint=hint)
