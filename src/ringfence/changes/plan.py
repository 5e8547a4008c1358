"""A plan: the changes, pinned by a digest to the spec, the cluster and the state that they were made for.

The JSON form is a contract (docs/json.md); what was reviewed in it is what is carried out, so reading it back checks
the digest and refuses anything else.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ringfence.changes.change import (
    Change,
    DeleteRole,
    DeleteUser,
    DisableAuth,
    ReplacePermission,
    RevokePermission,
    RevokeRole,
)
from ringfence.changes.diff import Prune, Unmanaged
from ringfence.changes.encoding import Json, decoded_change, encoded_change, encoded_state
from ringfence.errors import Place, PlanError
from ringfence.model.names import RoleName, UserName
from ringfence.model.state import State

FORMAT = 1
"""The version of the JSON form; a plan of a higher one is refused."""

_DESTROYS = RevokePermission | RevokeRole | DeleteUser | DeleteRole


class Verb(enum.Enum):
    """What made a plan, and alone carries it out."""

    APPLY = "apply"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Summary:
    """How many changes add, change and take away."""

    add: int
    change: int
    destroy: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do, and what it was decided on.

    Args:
        spec: digest of the spec's bytes.
        cluster_id: etcd's own id of the cluster.
        observed: digest of the observed state.
        auth_revision: etcd's counter of auth writes, None where the server does not tell.
        batches: changes in order; those of one batch may run together.
        unmanaged: users and roles that are left alone.
        prune: which kinds of unmanaged things it was told to delete.
        verb: what it is a plan of.
    """

    spec: str
    cluster_id: int
    observed: str
    auth_revision: int | None
    batches: tuple[tuple[Change, ...], ...]
    unmanaged: Unmanaged = field(default_factory=Unmanaged)
    prune: frozenset[Prune] = frozenset()
    verb: Verb = Verb.APPLY

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes in order."""
        return tuple(change for batch in self.batches for change in batch)

    @property
    def digest(self) -> str:
        """SHA-256 over everything that the plan says, in hex."""
        return _sha256(self._body())

    @property
    def summary(self) -> Summary:
        """How many changes add, change and take away."""
        destroy = sum(isinstance(change, _DESTROYS) for change in self.changes)
        change = sum(_alters(change) for change in self.changes)
        return Summary(len(self.changes) - destroy - change, change, destroy)

    def to_json(self) -> dict[str, Json]:
        """The JSON form."""
        summary = self.summary
        counts: dict[str, Json] = {"add": summary.add, "change": summary.change, "destroy": summary.destroy}
        return {"digest": self.digest, **self._body(), "summary": counts}

    def _body(self) -> dict[str, Json]:
        return {
            "format": FORMAT,
            "verb": self.verb.value,
            "spec": self.spec,
            "cluster_id": f"{self.cluster_id:x}",
            "observed": self.observed,
            "auth_revision": self.auth_revision,
            "changes": [
                {"batch": number, **encoded_change(change)}
                for number, batch in enumerate(self.batches)
                for change in batch
            ],
            "prune": sorted(kind.value for kind in self.prune),
            "unmanaged": {"users": list(self.unmanaged.users), "roles": list(self.unmanaged.roles)},
        }


def state_digest(state: State) -> str:
    """SHA-256 over users, roles and the switch, in hex: equal digests are equal states."""
    return _sha256(encoded_state(state))


def read_plan(text: str, file: str) -> Plan:
    """The plan that ``text`` holds.

    Args:
        text: what ``plan --out`` wrote.
        file: its name, for the place of an error.

    Raises:
        PlanError: not a plan, of a newer version, or edited since it was written.
    """
    place = Place(file)
    hint = "make a new one with ringfence plan --out"
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or not isinstance(data.get("format"), int):
            raise PlanError.of("this is not a plan", place=place, hint=hint)
        if data["format"] > FORMAT:
            what = f"the plan has format {data['format']}, and this version of ringfence knows formats up to {FORMAT}"
            raise PlanError.of(what, place=place, hint="use the version that wrote it, or plan again with this one")
        plan = _decoded(data)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PlanError.of("this is not a plan", place=place, hint=hint) from None
    for said in ("members", "alarms"):  # plan -o json adds what the cluster said, which is no part of the plan
        data.pop(said, None)
    if plan.digest != data.get("digest") or plan.to_json() != data:
        raise PlanError.of("the plan was edited after it was written", place=place, hint=hint)
    return plan


def _decoded(data: Mapping[str, Json]) -> Plan:
    batches: dict[int, list[Change]] = {}
    for item in data["changes"]:
        batches.setdefault(int(item["batch"]), []).append(decoded_change(item))
    return Plan(
        spec=str(data["spec"]),
        cluster_id=int(str(data["cluster_id"]), 16),
        observed=str(data["observed"]),
        auth_revision=None if data["auth_revision"] is None else int(data["auth_revision"]),
        batches=tuple(tuple(batches[number]) for number in sorted(batches)),
        unmanaged=Unmanaged(
            tuple(UserName(str(name)) for name in data["unmanaged"]["users"]),
            tuple(RoleName(str(name)) for name in data["unmanaged"]["roles"]),
        ),
        prune=frozenset(Prune(kind) for kind in data["prune"]),
        verb=Verb(data["verb"]),
    )


def _alters(change: Change) -> bool:
    return isinstance(change, ReplacePermission | DisableAuth) or getattr(change, "was", None) is not None


def _sha256(value: Mapping[str, Json]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
