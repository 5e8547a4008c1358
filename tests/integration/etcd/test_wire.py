"""The schema table is what a live etcd speaks."""

from __future__ import annotations

import asyncio

import pytest

from ringfence.errors import AlreadyThere, NotThere, Refused
from ringfence.etcd import rpcs
from ringfence.etcd.client import Client
from ringfence.etcd.failure import Failure
from ringfence.etcd.schema import new
from ringfence.keyspace import Span
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from tests.integration.stage import Stage

ODD = b"/odd/\x00\xff\n"
PERMISSIONS = (
    Permission(Access.READ, b"/a"),
    Permission(Access.READWRITE, b"/b/", b"/b0"),
    Permission(Access.WRITE, b"\xfe\x00", b"\xff"),
    Permission(Access.READ, b"x", b"\x00"),
)


def test_keys_and_values_come_back_byte_for_byte(stage: Stage) -> None:
    """Put, get, count, delete and the linearizable read work on bytes that are no text."""

    async def main() -> None:
        async with Client(stage.members[0].client, stage.as_user("anybody")) as client:
            before = await client.keys.settle()
            await client.keys.put(ODD, b"\x00value")
            assert b"\x00value" == await client.keys.get(ODD)
            assert 1 == await client.keys.count(Span.of_prefix(b"/odd/"))
            await client.keys.delete(Span.of_prefix(b"/odd/"))
            assert await client.keys.get(ODD) is None
            assert before + 2 == await client.keys.settle()

    asyncio.run(main())


def test_a_transaction_compares_branches_and_nests(stage: Stage) -> None:
    """Compare with range_end, both branches and a nested transaction are understood as they were meant."""

    async def main() -> None:
        async with Client(stage.members[0].client, stage.as_user("anybody")) as client:
            put = new("RequestOp", request_put=new("PutRequest", key=b"/txn/a", value=b"1"))
            nested = new("RequestOp", request_txn=new("TxnRequest", success=[put]))
            absent = new("Compare", target=1, key=b"/txn/", range_end=b"/txn0", create_revision=0)
            first = await client.channel.call(rpcs.TXN, new("TxnRequest", compare=[absent], success=[nested]))
            again = await client.channel.call(rpcs.TXN, new("TxnRequest", compare=[absent], success=[nested]))
            other = new("Compare", target=3, key=b"/txn/a", value=b"1")
            equal = await client.channel.call(rpcs.TXN, new("TxnRequest", compare=[other]))
            assert [True, False, True] == [first.succeeded, again.succeeded, equal.succeeded]
            assert b"1" == await client.keys.get(b"/txn/a")
            await client.keys.delete(Span.of_prefix(b"/txn/"))

    asyncio.run(main())


def test_roles_and_permissions_come_back_as_they_were_granted(stage: Stage) -> None:
    """Each form of permission survives the way there and back; revoking needs the same bytes."""

    async def main() -> None:
        async with Client(stage.members[0].client, stage.as_user("anybody")) as client:
            role = RoleName("wire")
            await client.auth.add_role(role)
            for permission in PERMISSIONS:
                await client.auth.grant(role, permission)
            found = await client.auth.role(role)
            assert set(PERMISSIONS) == set(found.permissions)
            with pytest.raises(NotThere):
                await client.auth.revoke(role, Permission(Access.READ, b"/b/"))
            for permission in PERMISSIONS:
                await client.auth.revoke(role, permission)
            assert () == (await client.auth.role(role)).permissions
            with pytest.raises(AlreadyThere):
                await client.auth.add_role(role)
            await client.auth.delete_role(role)
            assert role not in await client.auth.roles()

    asyncio.run(main())


def test_users_with_and_without_password(stage: Stage) -> None:
    """Users are made, given roles, listed and deleted; each change but a repeated grant raises the auth revision."""

    async def main() -> None:
        async with Client(stage.members[0].client, stage.as_user("anybody")) as client:
            user, role = UserName("wire-user"), RoleName("wire-role")
            before = await client.auth.revision()
            await client.auth.add_role(role)
            await client.auth.add_user(user)
            await client.auth.add_user(UserName("wire-password"), "secret")
            await client.auth.change_password(UserName("wire-password"), "secret too")
            await client.auth.grant_role(user, role)
            await client.auth.grant_role(user, role)
            assert {role} == (await client.auth.user(user)).roles
            assert {user, "wire-password"} <= set(await client.auth.users())
            await client.auth.revoke_role(user, role)
            await client.auth.delete_user(user)
            await client.auth.delete_user(UserName("wire-password"))
            await client.auth.delete_role(role)
            assert (None if before is None else before + 9) == await client.auth.revision()
            with pytest.raises(NotThere):
                await client.auth.user(user)

    asyncio.run(main())


def test_the_cluster_describes_itself(stage: Stage) -> None:
    """Members, status and alarms are those of the stage."""

    async def main() -> None:
        async with Client(stage.members[1].client, stage.as_user("anybody")) as client:
            members = await client.cluster.members()
            assert [(one.name, (one.client,)) for one in stage.members] == [
                (one.name, one.client_urls) for one in members
            ]
            status = await client.cluster.status()
            assert members[1].member_id == status.member_id
            assert status.has_leader
            assert status.database_bytes > 0
            assert frozenset() == await client.cluster.alarms()

    asyncio.run(main())


def test_a_watch_delivers_what_is_put(stage: Stage) -> None:
    """The watch messages are right: created, then the event with its key, then canceled on request."""

    async def main() -> None:
        async with Client(stage.members[0].client, stage.as_user("anybody")) as client:
            talk = client.channel.converse(rpcs.WATCH)
            await talk.send(new("WatchRequest", create_request=new("WatchCreateRequest", key=b"/watched")))
            created = await talk.receive()
            await client.keys.put(b"/watched", b"v")
            event = await talk.receive()
            assert not isinstance(created, Failure)
            assert not isinstance(event, Failure)
            assert created.created
            assert b"/watched" == event.events[0].kv.key  # type: ignore[attr-defined]  # events are read here only
            cancel = new("WatchCancelRequest", watch_id=created.watch_id)
            await talk.send(new("WatchRequest", cancel_request=cancel))
            canceled = await talk.receive()
            assert not isinstance(canceled, Failure)
            assert canceled.canceled
            talk.cancel()
            await client.keys.delete(Span.of_key(b"/watched"))

    asyncio.run(main())


def test_leases_and_compaction(stage: Stage) -> None:
    """A lease is granted with the time asked for; compacting to a revision of the future is refused."""

    async def main() -> None:
        async with Client(stage.members[0].client, stage.as_user("anybody")) as client:
            lease = await client.channel.call(rpcs.LEASE_GRANT, new("LeaseGrantRequest", TTL=60))
            assert lease.ID != 0
            revision = await client.keys.settle()
            with pytest.raises(Refused, match="future revision"):
                await client.channel.call(rpcs.COMPACT, new("CompactionRequest", revision=revision + 10**6))

    asyncio.run(main())
