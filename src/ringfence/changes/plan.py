"""A plan: the changes, pinned by a digest to the spec, the cluster and the state that they were made for.

The JSON form is a contract (docs/json.md); what was reviewed in it is what is carried out, so reading it back checks
the digest and refuses anything else.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ringfence.changes.change import (
    Change,
    DeleteRole,
    DeleteUser,
    DisableAuth,
    EnableAuth,
    ReplacePermission,
    RevokePermission,
    RevokeRole,
)
from ringfence.changes.diff import Prune, Unmanaged
from ringfence.changes.encoding import Json, decoded_change, encoded_change, encoded_state
from ringfence.changes.scalars import no_constant, text, whole
from ringfence.changes.v2.change import (
    ChangeV2,
    DeleteRoleV2,
    DeleteUserV2,
    DisableAuthV2,
    RevokePatterns,
    RevokeRolesV2,
)
from ringfence.changes.v2.encoding import decoded_change_v2, encoded_change_v2, encoded_state_v2
from ringfence.errors import Place, PlanError
from ringfence.model.names import RoleName, UserName
from ringfence.model.state import State
from ringfence.model.v2 import StateV2

T = TypeVar("T")

FORMAT = 1
"""The version of the JSON form; a plan of a higher one is refused."""

_DESTROYS = (
    *(RevokePermission, RevokeRole, DeleteUser, DeleteRole),
    *(RevokePatterns, RevokeRolesV2, DeleteUserV2, DeleteRoleV2),
)


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


@dataclass(frozen=True, slots=True)
class PlanV2:
    """What to do in the v2 store: the digest of its observed state, the changes in order, and what is left alone."""

    observed: str
    batches: tuple[tuple[ChangeV2, ...], ...]
    unmanaged: Unmanaged = field(default_factory=Unmanaged)

    @property
    def changes(self) -> tuple[ChangeV2, ...]:
        """All changes in order."""
        return tuple(change for batch in self.batches for change in batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do, and what it was decided on.

    Args:
        spec: digest of the spec's bytes.
        cluster_id: etcd's own id of the cluster.
        observed: digest of the observed state of v3.
        auth_revision: etcd's counter of auth writes, None where the server does not tell.
        batches: changes of v3 in order; those of one batch may run together.
        unmanaged: users and roles of v3 that are left alone.
        prune: which kinds of unmanaged things it was told to delete.
        verb: what it is a plan of.
        v2: the other store, None where it is none of the spec's business.
    """

    spec: str
    cluster_id: int
    observed: str
    auth_revision: int | None
    batches: tuple[tuple[Change, ...], ...]
    unmanaged: Unmanaged = field(default_factory=Unmanaged)
    prune: frozenset[Prune] = frozenset()
    verb: Verb = Verb.APPLY
    v2: PlanV2 | None = None

    @property
    def changes_v3(self) -> tuple[Change, ...]:
        """The changes of v3 in order."""
        return tuple(change for batch in self.batches for change in batch)

    @property
    def changes(self) -> tuple[Change | ChangeV2, ...]:
        """All changes in the order in which they are made: users and roles of both stores, then the switches."""
        before = tuple(change for change in self.changes_v3 if change != EnableAuth())
        of_v2 = () if self.v2 is None else self.v2.changes
        return (*before, *of_v2, *(change for change in self.changes_v3 if change == EnableAuth()))

    @property
    def digest(self) -> str:
        """SHA-256 over everything that the plan says, in hex."""
        return _sha256(self._body())

    @property
    def summary(self) -> Summary:
        """How many changes, of both stores, add, change and take away."""
        destroy = sum(isinstance(change, _DESTROYS) for change in self.changes)
        change = sum(_alters(change) for change in self.changes)
        return Summary(len(self.changes) - destroy - change, change, destroy)

    def to_json(self) -> dict[str, Json]:
        """The JSON form."""
        summary = self.summary
        counts: dict[str, Json] = {"add": summary.add, "change": summary.change, "destroy": summary.destroy}
        return {"digest": self.digest, **self._body(), "summary": counts}

    def _body(self) -> dict[str, Json]:
        body: dict[str, Json] = {
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
            "unmanaged": _encoded_unmanaged(self.unmanaged),
        }
        if self.v2 is not None:
            body["changes"] += [
                {"batch": number, **encoded_change_v2(change)}
                for number, batch in enumerate(self.v2.batches)
                for change in batch
            ]
            body["v2"] = {"observed": self.v2.observed, "unmanaged": _encoded_unmanaged(self.v2.unmanaged)}
        return body


def state_digest_v2(state: StateV2) -> str:
    """The same of the v2 store."""
    return _sha256(encoded_state_v2(state))


def state_digest(state: State) -> str:
    """SHA-256 over users, roles and the switch, in hex: equal digests are equal states."""
    return _sha256(encoded_state(state))


def read_plan(written: str, file: str) -> Plan:
    """The plan that ``written`` holds.

    Args:
        written: what ``plan --out`` wrote.
        file: its name, for the place of an error.

    Raises:
        PlanError: not a plan, of a newer version, or edited since it was written.
    """
    place = Place(file)
    hint = "make a new one with ringfence plan --out"
    try:
        data = json.loads(written, parse_constant=no_constant)
        if not isinstance(data, dict) or not isinstance(data.get("format"), int):
            raise PlanError.of("this is not a plan", place=place, hint=hint)
        if data["format"] > FORMAT:
            what = f"the plan has format {data['format']}, and this version of ringfence knows formats up to {FORMAT}"
            raise PlanError.of(what, place=place, hint="use the version that wrote it, or plan again with this one")
        plan = _decoded(data)
        for said in ("members", "members_v2", "alarms"):  # what plan -o json adds is no part of the plan
            data.pop(said, None)
        if plan.digest != data.get("digest") or plan.to_json() != data:
            raise PlanError.of("the plan was edited after it was written", place=place, hint=hint)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise PlanError.of("this is not a plan", place=place, hint=hint) from None
    return plan


def _decoded(data: Mapping[str, Json]) -> Plan:
    items = data["changes"]
    v2 = data.get("v2")
    return Plan(
        spec=text(data["spec"]),
        cluster_id=int(text(data["cluster_id"]), 16),
        observed=text(data["observed"]),
        auth_revision=None if data["auth_revision"] is None else whole(data["auth_revision"]),
        batches=_batched((item for item in items if "api" not in item), decoded_change),
        unmanaged=_decoded_unmanaged(data["unmanaged"]),
        prune=frozenset(Prune(kind) for kind in data["prune"]),
        verb=Verb(data["verb"]),
        v2=None
        if v2 is None
        else PlanV2(
            text(v2["observed"]),
            _batched((item for item in items if "api" in item), decoded_change_v2),
            _decoded_unmanaged(v2["unmanaged"]),
        ),
    )


def _batched(
    items: Iterable[Mapping[str, Json]], decoded: Callable[[Mapping[str, Json]], T]
) -> tuple[tuple[T, ...], ...]:
    batches: dict[int, list[T]] = {}
    for item in items:
        batches.setdefault(whole(item["batch"]), []).append(decoded(item))
    return tuple(tuple(batches[number]) for number in sorted(batches))


def _encoded_unmanaged(unmanaged: Unmanaged) -> dict[str, Json]:
    return {"users": list(unmanaged.users), "roles": list(unmanaged.roles)}


def _decoded_unmanaged(data: Mapping[str, Json]) -> Unmanaged:
    return Unmanaged(
        tuple(UserName(text(name)) for name in data["users"]), tuple(RoleName(text(name)) for name in data["roles"])
    )


def _alters(change: Change | ChangeV2) -> bool:
    if isinstance(change, ReplacePermission | DisableAuth | DisableAuthV2):
        return True
    return getattr(change, "was", None) is not None


def _sha256(value: Mapping[str, Json]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
