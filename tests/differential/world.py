"""Random users, roles and grants, and random requests that lie where mistakes would: at the edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from ringfence.keyspace import prefix_end
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import OPEN_END, Access, Permission
from ringfence.model.state import Role, State, User
from ringfence.rules.calls import Call
from ringfence.rules.requests import (
    Compare,
    DeleteRange,
    OfLease,
    Operation,
    Put,
    Range,
    RangeStream,
    Request,
    RoleGet,
    Service,
    Txn,
    UserGet,
    Watch,
)

USERS = tuple(UserName(f"u{number}") for number in range(5))
"""Users that hold roles as the dice fall; the last may be given the role root."""
STRANGER = UserName("stranger")
"""A Common Name that is no user."""
ROLES = tuple(RoleName(f"r{number}") for number in range(4))

_BYTES = (b"\x00", b"a", b"b", b"\xff")
_FIXED = (
    b"\x00",
    b"\x01",
    b"a",
    b"a\x00",
    b"a\xff",
    b"a\xff\xff",
    b"b",
    b"b\x00",
    b"\xff",
    b"\xff\xff",
    b"/r/",
    b"/r0",
)


@dataclass(frozen=True, slots=True)
class World:
    """Users and roles, and the keys that each lease holds."""

    state: State
    leases: Mapping[int, tuple[bytes, ...]] = field(default_factory=dict)


def random_world(dice: Random, *, voids: bool = False) -> World:
    """Up to four roles of up to four grants each, spread over five users, and two leases.

    With ``voids`` some of the grants cover no key, as releases before 3.4.25 and 3.5.8 let them be stored.
    """
    roles = [Role(name, tuple(_permissions(dice, voids=voids))) for name in ROLES[: dice.randint(1, 4)]]
    users = [User(ROOT_USER, frozenset({ROOT_ROLE}))]
    for user in USERS:
        held = {role.name for role in roles if dice.random() < 0.45}
        users.append(User(user, frozenset(held)))
    if dice.random() < 0.1:
        users[-1] = User(USERS[-1], users[-1].roles | {ROOT_ROLE})
    state = State.of(users, [Role(ROOT_ROLE), *roles])
    edges = keys_of_interest(state)
    first = tuple(dict.fromkeys(dice.choices(edges, k=dice.randint(1, 2))))
    second = tuple(key for key in dict.fromkeys(dice.choices(edges, k=1)) if key not in first)
    return World(state, {1001: first, 1002: second, 1003: ()})


def _permissions(dice: Random, *, voids: bool) -> Iterator[Permission]:
    """Grants with different places."""
    places: set[tuple[bytes, bytes]] = set()
    for _ in range(dice.randint(0, 4)):
        key = _key(dice)
        end = _end(dice, key, [_key(dice)])
        if voids and dice.random() < 0.4:
            key, end = _void(dice)
        if (key, end) not in places:
            places.add((key, end))
            yield Permission(dice.choice(list(Access)), key, end)


def _void(dice: Random) -> tuple[bytes, bytes]:
    """A grant without keys: the empty key, or a range that ends where or before it starts."""
    ends = sorted((_key(dice), _key(dice)))
    if dice.random() < 0.3 or ends[0] == OPEN_END:
        return b"", dice.choice((b"", OPEN_END, ends[1]))
    return ends[1], ends[0]


def _key(dice: Random) -> bytes:
    if dice.random() < 0.6:
        return dice.choice(_FIXED)
    return b"".join(dice.choices(_BYTES, k=dice.randint(1, 3)))


def _end(dice: Random, key: bytes, edges: list[bytes]) -> bytes:
    """A range end: none, open, that of the prefix, or an edge behind the key."""
    kind = dice.randrange(10)
    if kind < 3:
        return b""
    if kind < 4:
        return OPEN_END
    if kind < 6:
        return prefix_end(key) or OPEN_END
    end = dice.choice(edges)
    return end if end > key else b""


def keys_of_interest(state: State) -> list[bytes]:
    """The edges of every grant, their neighbours, and a few keys anywhere."""
    found = dict.fromkeys(_FIXED)
    for role in state.roles.values():
        for permission in role.permissions:
            for edge in (permission.key, permission.range_end):
                if edge and edge != OPEN_END:
                    found |= dict.fromkeys((edge, edge + b"\x00", edge[:-1], edge[:-1] + b"\xff", edge + b"\xff"))
    return [key for key in found if key]


class Questions:
    """Random requests in one world."""

    def __init__(self, world: World, dice: Random) -> None:
        self._world = world
        self._dice = dice
        self._edges = keys_of_interest(world.state)
        self._attached = {key: lease for lease, keys in world.leases.items() for key in keys}

    def ask(self) -> Request:
        """Any request but one that ends a lease."""
        kind = self._dice.randrange(100)
        if kind < 26:
            return Range(*self._range())
        if kind < 30:
            return RangeStream(*self._range())
        if kind < 40:
            return self._put()
        if kind < 50:
            return self._deletion()
        if kind < 65:
            return Watch(*self._range(), self._flip())
        if kind < 85:
            return self._txn(2)
        if kind < 90:
            return self._of_lease()
        if kind < 92:
            return UserGet(self._dice.choice(USERS))
        if kind < 94:
            return RoleGet(self._dice.choice([name for name in self._world.state.roles if name != ROOT_ROLE]))
        return Service(self._dice.choice(SERVICES))

    def _flip(self) -> bool:
        return self._dice.random() < 0.4

    def _range(self) -> tuple[bytes, bytes]:
        key = self._dice.choice(self._edges)
        return key, _end(self._dice, key, self._edges)

    def _put(self) -> Put:
        key = self._dice.choice(self._edges)
        lease = self._dice.choice(list(self._world.leases)) if self._flip() else None
        if lease is not None and self._attached.get(key, lease) != lease:
            lease = None
        return Put(key, self._flip(), () if lease is None else self._world.leases[lease], self._flip())

    def _deletion(self) -> DeleteRange:
        return DeleteRange(*self._range(), self._flip())

    def _txn(self, depth: int) -> Txn:
        """A transaction of which one branch at most writes: the asker sees to it that the other one runs."""
        compares = tuple(Compare(*self._range()) for _ in range(self._dice.choice((0, 0, 1, 2))))
        success, failure = self._branch(depth), self._branch(depth)
        if writes(success) and (writes(failure) or not compares):
            success, failure = (), success
        return Txn(compares, success, failure)

    def _branch(self, depth: int) -> tuple[Operation, ...]:
        """At most one write, because etcd refuses a transaction that may write a key twice before it looks at users."""
        operations: list[Operation] = [Range(*self._range()) for _ in range(self._dice.choice((0, 0, 1, 2)))]
        kind = self._dice.randrange(5)
        if kind == 0:
            operations.append(self._put())
        elif kind == 1:
            operations.append(self._deletion())
        elif kind == 2 and depth:
            operations.append(self._txn(depth - 1))
        return tuple(operations)

    def _of_lease(self) -> OfLease:
        call = self._dice.choice((Call.LEASE_KEEP_ALIVE, Call.LEASE_TIME_TO_LIVE, Call.LEASE_KEYS, Call.LEASE_LIST))
        if call is Call.LEASE_LIST:
            return OfLease(call, tuple(self._attached))
        return OfLease(call, self._dice.choice(list(self._world.leases.values())))


def writes(operations: tuple[Operation, ...]) -> bool:
    """Whether some of them, however deep, writes."""
    return any(
        writes((*one.success, *one.failure)) if isinstance(one, Txn) else isinstance(one, (Put, DeleteRange))
        for one in operations
    )


SERVICES = (
    Call.COMPACT,
    Call.STATUS,
    Call.ALARM_LIST,
    Call.ALARM_SET,
    Call.HASH,
    Call.HASH_KV,
    Call.SNAPSHOT,
    Call.MOVE_LEADER,
    Call.DOWNGRADE,
    Call.MEMBER_LIST,
    Call.MEMBER_CHANGE,
    Call.LEASE_GRANT,
    Call.AUTH_STATUS,
    Call.AUTH_CHANGE,
    Call.USER_LIST,
    Call.ROLE_LIST,
)
"""Every call without a key but Defragment, which would take its time."""
