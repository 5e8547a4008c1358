"""Switching auth off through any one member that answers: all are asked at the same time, and one is enough."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ringfence.errors import AccessDenied, ClusterError, Problem, Refused, Unreachable
from ringfence.etcd.client import Client
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.spare_key import switch_off_by_password, take_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Disabled:
    """What ``auth disable`` did.

    Args:
        through: the endpoint that did it.
        off: the members that were seen with auth off, by name.
        unseen: the members that do not answer; they follow when they are back.
    """

    through: str
    off: tuple[str, ...]
    unseen: tuple[str, ...]


async def switch_off(target: Target) -> str:
    """Switch auth off; nothing happens where it is off. A second request for the same is none to etcd.

    Returns:
        The endpoint that did it.

    Raises:
        ClusterError: none did; a problem for each.
    """
    return await through_any(target, lambda endpoint: _through(endpoint, target))


async def through_any(target: Target, switch: Callable[[str], Awaitable[None]]) -> str:
    """Call ``switch`` for every endpoint at the same time, until one of them has done it.

    Returns:
        The endpoint that did it.

    Raises:
        ClusterError: none did; a problem for each.
    """

    async def done(endpoint: str) -> str:
        await switch(endpoint)
        return endpoint

    tasks = {asyncio.create_task(done(endpoint)) for endpoint in dict.fromkeys(target.endpoints)}
    try:
        failures: list[ClusterError] = []
        for next_one in asyncio.as_completed(tasks):
            try:
                return await next_one
            except ClusterError as failure:
                failures.append(failure)
        raise _joined(failures)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def is_on_anywhere(target: Target) -> bool:
    """Whether some member that answers says that auth is on."""

    async def enabled(endpoint: str) -> bool:
        async with Client(endpoint, target.credentials) as client:
            return await client.auth.enabled()

    return await any_says(target, enabled)


async def any_says(target: Target, ask: Callable[[str], Awaitable[bool]]) -> bool:
    """Whether ``ask`` says yes for some endpoint; one that does not answer says no."""

    async def said(endpoint: str) -> bool:
        try:
            return await ask(endpoint)
        except ClusterError:
            return False

    return any(await asyncio.gather(*(said(endpoint) for endpoint in dict.fromkeys(target.endpoints))))


async def _through(endpoint: str, target: Target) -> None:
    try:
        async with Client(endpoint, target.credentials) as client:
            await client.auth.disable()
            if target.spare is not None:
                await take_back(client, target.spare)
    except (AccessDenied, Refused):
        if target.spare is None:
            raise
        await switch_off_by_password(endpoint, target)


def _joined(failures: list[ClusterError]) -> ClusterError:
    problems: list[Problem] = [problem for failure in failures for problem in failure.problems]
    kinds = {type(failure) for failure in failures}
    kind = kinds.pop() if len(kinds) == 1 else Unreachable
    return kind(*problems)
