"""Asking a live etcd what the evaluator is asked, in forms that leave users, roles and leases as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from google.protobuf.message import Message

from ringfence.errors import AccessDenied, AuthChanged, Unreachable
from ringfence.etcd import rpcs
from ringfence.etcd.answers import Answer
from ringfence.etcd.channel import Channel, _failure
from ringfence.etcd.client import Client
from ringfence.etcd.failure import Failure
from ringfence.etcd.inflight import each
from ringfence.etcd.questions import Kind, Question
from ringfence.etcd.refusals import refusal
from ringfence.etcd.rpcs import Rpc
from ringfence.etcd.schema import CLASSES, new
from ringfence.etcd.watches import ask_watches
from ringfence.etcd.wiring import aio
from ringfence.keyspace import EVERYTHING, Span
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.rules.calls import Call
from ringfence.rules.requests import (
    DeleteRange,
    OfLease,
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
from tests.differential.world import ROLES, STRANGER, USERS, World, writes
from tests.integration.stage import Stage

_HUGE = 2**62
_PATIENCE = 120.0
"""Seconds to wait for an answer: a long run has the least priority on a machine that others use."""
_TRIES = 20


def _rpc(service: str, call: str, request: str = "CompactionRequest") -> Rpc[Answer]:
    """A call that ringfence itself does not make; CompactionRequest is a number and a flag, as these requests are."""
    return Rpc(f"/etcdserverpb.{service}/{call}", request, "Answer")


_SERVICES: dict[Call, tuple[Rpc[Any], Callable[[], Message]]] = {
    Call.COMPACT: (rpcs.COMPACT, lambda: new("CompactionRequest", revision=_HUGE)),
    Call.STATUS: (rpcs.STATUS, lambda: new("Empty")),
    Call.ALARM_LIST: (rpcs.ALARM, lambda: new("AlarmRequest")),
    Call.ALARM_SET: (rpcs.ALARM, lambda: new("AlarmRequest", action=2, memberID=1, alarm=1)),
    Call.HASH: (_rpc("Maintenance", "Hash", "Empty"), lambda: new("Empty")),
    Call.HASH_KV: (_rpc("Maintenance", "HashKV"), lambda: new("CompactionRequest")),
    Call.MOVE_LEADER: (_rpc("Maintenance", "MoveLeader"), lambda: new("CompactionRequest", revision=12345)),
    Call.DOWNGRADE: (_rpc("Maintenance", "Downgrade"), lambda: new("CompactionRequest", revision=2)),
    Call.MEMBER_LIST: (rpcs.MEMBER_LIST, lambda: new("MemberListRequest", linearizable=True)),
    Call.MEMBER_CHANGE: (_rpc("Cluster", "MemberRemove"), lambda: new("CompactionRequest", revision=1)),
    Call.LEASE_GRANT: (rpcs.LEASE_GRANT, lambda: new("LeaseGrantRequest", TTL=_HUGE)),
    Call.AUTH_STATUS: (rpcs.AUTH_STATUS, lambda: new("Empty")),
    Call.AUTH_CHANGE: (rpcs.ROLE_ADD, lambda: new("RoleAddRequest", name=ROOT_ROLE)),
    Call.USER_LIST: (rpcs.USER_LIST, lambda: new("Empty")),
    Call.ROLE_LIST: (rpcs.ROLE_LIST, lambda: new("Empty")),
}
_LEASE_LIST = _rpc("Lease", "LeaseLeases", "Empty")
_TIME_TO_LIVE = _rpc("Lease", "LeaseTimeToLive")
_KEEP_ALIVE = _rpc("Lease", "LeaseKeepAlive")
_REVOKE = _rpc("Lease", "LeaseRevoke")
_SNAPSHOT = _rpc("Maintenance", "Snapshot", "Empty")
_RANGE_STREAM = _rpc("KV", "RangeStream", "RangeRequest")
_DUPLICATE = "duplicate key given in txn request"


class Asker:
    """A running etcd of one member, with a connection for every identity; ``world`` is what it holds already."""

    def __init__(self, stage: Stage, world: World | None = None) -> None:
        names = (ROOT_USER, *USERS, STRANGER)
        endpoint = stage.members[0].client
        self.root = Client(endpoint, stage.as_user(ROOT_USER), seconds=_PATIENCE)
        self._channels = {name: Channel(endpoint, stage.as_user(name), seconds=_PATIENCE) for name in names}
        self._world = world
        self._alone = asyncio.Lock()

    async def close(self) -> None:
        """End all connections."""
        await asyncio.gather(self.root.close(), *(channel.close() for channel in self._channels.values()))

    async def prepare(self) -> None:
        """Make root and the users, and switch auth on."""
        await self.root.auth.add_user(ROOT_USER)
        await self.root.auth.add_role(ROOT_ROLE)
        await self.root.auth.grant_role(ROOT_USER, ROOT_ROLE)
        for user in USERS:
            await self.root.auth.add_user(user)
        await self.root.auth.enable()

    async def clear(self) -> None:
        """Take away users and roles; auth must be off."""
        for user in await self.root.auth.users():
            await self.root.auth.delete_user(user)
        for role in await self.root.auth.roles():
            await self.root.auth.delete_role(role)

    async def enter(self, world: World) -> None:
        """Make users, roles and leases what ``world`` says."""
        auth = self.root.auth
        for lease in self._world.leases if self._world else ():
            await self._root_ask(_REVOKE, new("CompactionRequest", revision=lease))
        await self.root.keys.delete(EVERYTHING)
        for role in await auth.roles():
            if role in ROLES:
                await auth.delete_role(role)
        for name, wanted in world.state.roles.items():
            if name != ROOT_ROLE:
                await auth.add_role(name)
                for permission in wanted.permissions:
                    await auth.grant(name, permission)
        for user_name, user in world.state.users.items():
            for role_name in sorted(user.roles):
                await auth.grant_role(user_name, RoleName(role_name))
            if user_name in USERS and ROOT_ROLE not in user.roles:
                await self._root_ask(
                    rpcs.USER_REVOKE_ROLE, new("UserRevokeRoleRequest", name=user_name, role=ROOT_ROLE)
                )
        for lease, keys in world.leases.items():
            await self._root_ask(rpcs.LEASE_GRANT, new("LeaseGrantRequest", ID=lease, TTL=3600))
            for key in keys:
                await self._root_ask(rpcs.PUT, new("PutRequest", key=key, lease=lease))
        self._world = world

    async def ask(self, questions: list[tuple[UserName, Request]]) -> list[bool | None]:
        """etcd's answers: yes, no, or None where it refused the request before it looked at who asks."""
        answers: list[bool | None] = [None] * len(questions)
        watched: dict[UserName, dict[Question, list[int]]] = {}
        others: list[int] = []
        for index, (user, request) in enumerate(questions):
            if isinstance(request, Watch):
                question = Question(Kind.WATCH, request.key, request.range_end)
                watched.setdefault(user, {}).setdefault(question, []).append(index)
            else:
                others.append(index)

        async def one(index: int) -> None:
            answers[index] = await self._one(*questions[index])

        async def watches(user: UserName) -> None:
            waiting = list(watched[user])
            for _ in range(_TRIES):
                for question, failure in (await ask_watches(self._channels[user], waiting)).items():
                    if not _is_passing(failure):
                        waiting.remove(question)
                        for index in watched[user][question]:
                            answers[index] = _judged(failure)
                if not waiting:
                    return
            raise AssertionError(f"no answer to watches of {user}: {waiting}")

        await asyncio.gather(each(others, one), *(watches(user) for user in watched))
        return answers

    async def _one(self, user: UserName, request: Request) -> bool | None:
        channel = self._channels[user]
        for _ in range(_TRIES):
            answer = await self._send(channel, request)
            failure = answer if isinstance(answer, Failure) else None
            if not _is_passing(failure):
                return _judged(failure)
        raise AssertionError(f"no answer to {user}: {request}")

    async def _send(self, channel: Channel, request: Request) -> object:
        assert self._world is not None
        match request:
            case Range():
                return await channel.ask(rpcs.RANGE, self._wire(request))
            case Put():
                return await channel.ask(rpcs.PUT, self._harmless_put(request))
            case DeleteRange() if not self._holds_leased(request):
                return await channel.ask(rpcs.DELETE_RANGE, self._wire(request))
            case DeleteRange():
                operation = new("RequestOp", request_delete_range=self._wire(request))
                return await channel.ask(rpcs.TXN, new("TxnRequest", failure=[operation]))
            case Txn():
                return await channel.ask(rpcs.TXN, self._wire(request))
            case OfLease():
                return await self._ask_lease(channel, request)
            case UserGet():
                return await channel.ask(rpcs.USER_GET, new("UserNamed", name=request.name))
            case RoleGet():
                return await channel.ask(rpcs.ROLE_GET, new("RoleNamed", role=request.name))
            case RangeStream():
                wired = new("RangeRequest", key=request.key, range_end=request.range_end)
                return await _first_piece(channel, _RANGE_STREAM, wired)
            case Service(call=Call.SNAPSHOT):
                return await _first_piece(channel, _SNAPSHOT, new("Empty"))
            case Service():
                rpc, message_of = _SERVICES[request.call]
                # raft drops a change of members while another is under way, and etcd then never answers
                async with self._alone if request.call is Call.MEMBER_CHANGE else nullcontext():
                    return await channel.ask(rpc, message_of())
        raise AssertionError(request)

    async def _ask_lease(self, channel: Channel, request: OfLease) -> object:
        if request.call is Call.LEASE_LIST:
            return await channel.ask(_LEASE_LIST, new("Empty"))
        lease = self._lease(request.keys)
        if request.call is Call.LEASE_KEEP_ALIVE:
            stream = channel.converse(_KEEP_ALIVE)
            try:
                await stream.send(new("CompactionRequest", revision=lease))
                return await stream.receive()
            finally:
                stream.cancel()
        if request.call is Call.LEASE_REVOKE:
            return await channel.ask(_REVOKE, new("CompactionRequest", revision=lease))
        keys = request.call is Call.LEASE_KEYS
        return await channel.ask(_TIME_TO_LIVE, new("CompactionRequest", revision=lease, physical=keys))

    def _lease(self, keys: tuple[bytes, ...]) -> int:
        assert self._world is not None
        return next(lease for lease, held in self._world.leases.items() if held == keys)

    def _holds_leased(self, request: DeleteRange) -> bool:
        assert self._world is not None
        end = request.range_end
        span = Span.of_key(request.key) if not end else Span(request.key, None if end == b"\x00" else end)
        return any(key in span for keys in self._world.leases.values() for key in keys)

    def _wire(self, request: Range | Put | DeleteRange | Txn) -> Message:
        match request:
            case Range():
                return new("RangeRequest", key=request.key, range_end=request.range_end, limit=1)
            case Put():
                lease = self._lease(request.lease_keys) if request.lease_keys else 0
                value = b"" if request.ignore_value else b"x"
                return new(
                    "PutRequest",
                    key=request.key,
                    value=value,
                    prev_kv=request.prev_kv,
                    lease=lease,
                    ignore_value=request.ignore_value,
                )
            case DeleteRange():
                return new("DeleteRangeRequest", key=request.key, range_end=request.range_end, prev_kv=request.prev_kv)
            case Txn():
                holds = not writes(request.success)
                compares = [_compare(one.key, one.range_end, holds=holds) for one in request.compares]
                success = [self._operation(one) for one in request.success]
                failure = [self._operation(one) for one in request.failure]
                return new("TxnRequest", compare=compares, success=success, failure=failure)

    def _operation(self, request: Range | Put | DeleteRange | Txn) -> Message:
        names = {
            Range: "request_range",
            Put: "request_put",
            DeleteRange: "request_delete_range",
            Txn: "request_txn",
        }
        return new("RequestOp", **{names[type(request)]: self._wire(request)})

    def _harmless_put(self, put: Put) -> Message:
        """Of a key that is not there only "key not found" can come of it; of one that is, nothing changes."""
        lease = self._lease(put.lease_keys) if put.lease_keys else 0
        return new(
            "PutRequest", key=put.key, prev_kv=put.prev_kv, lease=lease, ignore_value=True, ignore_lease=not lease
        )

    async def _root_ask(self, rpc: Rpc[Any], message: Message) -> None:
        """As root, whatever comes of it."""
        await self.root.channel.ask(rpc, message)


def _compare(key: bytes, range_end: bytes, *, holds: bool) -> Message:
    """A condition on the version of keys that always holds (it is greater than -1), or never does (less than 0)."""
    return new("Compare", result=1 if holds else 2, target=0, key=key, range_end=range_end, version=-1 if holds else 0)


async def _first_piece(channel: Channel, rpc: Rpc[Answer], message: Message) -> object:
    """Ask for what comes in pieces, and take no more of it than the first."""
    call = channel._channel.unary_stream(rpc.path, CLASSES[rpc.request].SerializeToString, CLASSES["Answer"].FromString)
    stream = call(message, timeout=channel.seconds)
    try:
        return await stream.read()
    except aio.AioRpcError as error:
        return _failure(error)
    finally:
        stream.cancel()


def _is_passing(failure: Failure | None) -> bool:
    """Whether it decides nothing, and another try may: users changed meanwhile, or the member was too busy."""
    found = None if failure is None else refusal(failure)
    return found is not None and issubclass(found.error, (AuthChanged, Unreachable))


def _judged(failure: Failure | None) -> bool | None:
    """Yes, no, or None for a request that is refused whoever asks."""
    if failure is None:
        return True
    if failure.code == "UNIMPLEMENTED" or failure.text.endswith(("user name not found", "user not found")):
        return False
    found = refusal(failure)
    assert found is not None, f"what does this mean: {failure}"
    if failure.text.endswith(_DUPLICATE):
        return None
    return not issubclass(found.error, AccessDenied)
