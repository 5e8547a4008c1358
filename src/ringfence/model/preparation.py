"""What it takes to make an authority elsewhere ready: a result, made by ``ops`` and shown by ``reports``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PreparationStep:
    """One change of the server: ``what`` for people, ``command`` as somebody would type it."""

    what: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What is to be changed, or was.

    Args:
        steps: the changes, in their order.
        done: whether they were carried out.
        unneeded: roles of ringfence's making that no identity of the spec needs; they are left alone.
        issuing_policy: the policy that the login of the spec has to have.
    """

    steps: tuple[PreparationStep, ...]
    done: bool
    unneeded: tuple[str, ...]
    issuing_policy: str

    @property
    def is_ready(self) -> bool:
        """Whether nothing is left to do."""
        return self.done or not self.steps
