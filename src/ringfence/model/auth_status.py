"""Auth as each member sees it, and what is to be made of that: results, shown by ``reports``."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ringfence.errors import Problem
from ringfence.model.guard import GuardRecord
from ringfence.model.names import UserName


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAuth:
    """What one member said. None is: it was not told.

    Args:
        name: of the member.
        version: its release.
        cluster_id: of the cluster that it says it is in.
        enabled: whether auth is on, on this member.
        revision: its auth revision.
        users, roles: how many it has.
        root_user: whether it has the user root.
        root_role: whether that user holds the role root.
        knows_root: whether it takes the one who asked, with root's certificate, for root.
        spare_keys: users of spare keys that it has.
        watchers, watch_streams: from its metrics.
        problem: why it said nothing, and what to do about that.
    """

    name: str
    version: str | None = None
    cluster_id: int | None = None
    enabled: bool | None = None
    revision: int | None = None
    users: int | None = None
    roles: int | None = None
    root_user: bool | None = None
    root_role: bool | None = None
    knows_root: bool | None = None
    spare_keys: tuple[UserName, ...] = ()
    watchers: int | None = None
    watch_streams: int | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAuthV2:
    """What one member said of the v2 store. None is: it was not told.

    Args:
        name: of the member.
        serves: whether it serves the API.
        enabled: whether v2 auth is on.
        users, roles: how many it has, the role root aside.
        root_user: whether it has the user root.
        guest_open: whether its guest may do something.
        knows_root: whether it takes the one who asked, with root's certificate, for root.
        spare_keys: users of spare keys that it has.
        problem: why it said nothing, and what to do about that.
    """

    name: str
    serves: bool | None = None
    enabled: bool | None = None
    users: int | None = None
    roles: int | None = None
    root_user: bool | None = None
    guest_open: bool | None = None
    knows_root: bool | None = None
    spare_keys: tuple[UserName, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSeen:
    """What was there when ringfence was last done with it, by the journal.

    Args:
        cluster_id: None where it is not told.
        auth_revision: at the end; None where none was ever told, before etcd 3.5.
        has_users: whether users were left.
        at: when that was.
    """

    cluster_id: int | None
    auth_revision: int | None
    has_users: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OldWatches:
    """Watches that were opened before auth was switched on: they go on as if it were off.

    Args:
        before, after: open watches by member, before the switch and after the proof, as far as metrics tell.
        restart: the clients that may have such watches.
    """

    before: Mapping[str, int]
    after: Mapping[str, int]
    restart: tuple[str, ...]


class Kind(enum.Enum):
    """Which of the known conditions it is."""

    HEALTHY = "healthy"
    NOTHING_YET = "nothing-yet"
    OFF = "off"
    OFF_ON_MEMBER = "off-on-member"
    STORE_LOST = "store-lost"
    MEMBERS_DIFFER = "members-differ"
    ROOT_USER_MISSING = "root-user-missing"
    ROOT_ROLE_MISSING = "root-role-missing"
    RESTORED = "restored"
    OTHER_CLUSTER = "other-cluster"
    ROOT_CERTIFICATE = "root-certificate"
    SILENT_MEMBER = "silent-member"
    SPARE_KEY = "spare-key"
    ALARM = "alarm"
    UNCONFIRMED = "unconfirmed"
    V2_NOT_SERVED = "v2-not-served"
    V2_NOTHING_YET = "v2-nothing-yet"
    V2_OFF = "v2-off"
    V2_OFF_ON_MEMBER = "v2-off-on-member"
    V2_ROOT_MISSING = "v2-root-missing"
    V2_GUEST_OPEN = "v2-guest-open"
    V2_MEMBERS_DIFFER = "v2-members-differ"


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition: what was seen, and what to do next."""

    kind: Kind
    what: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthStatus:
    """The whole answer of ``auth status``.

    Args:
        members: by name.
        findings: at least one.
        guard: the last guard of this spec, None where there was none.
        guard_lives: whether it is still at work.
        members_v2: what each said of the v2 store, None where that is none of the spec's business.
    """

    members: tuple[MemberAuth, ...]
    findings: tuple[Finding, ...]
    guard: GuardRecord | None
    guard_lives: bool
    members_v2: tuple[MemberAuthV2, ...] | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether auth is on everywhere and nothing is wrong with it."""
        return [finding.kind for finding in self.findings] == [Kind.HEALTHY]
