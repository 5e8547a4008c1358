"""An HTTP answer that was read to its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer; its body is kept out of every ``repr``, for it may hold a token."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether it is a yes."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """All of it; what is no UTF-8 is replaced."""
        return self.body.decode(errors="replace")

    @property
    def content(self) -> Mapping[str, object] | None:
        """The JSON object in it; None where it holds another thing, or nothing."""
        try:
            found: object = json.loads(self.body) if self.body else None
        except (ValueError, RecursionError):  # no JSON, no UTF-8, or deeper than anybody writes
            return None
        return found if isinstance(found, dict) else None
