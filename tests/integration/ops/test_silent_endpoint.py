"""An endpoint that takes connections and says nothing, named before those that answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from ringfence.errors import Unreachable
from ringfence.ops.reach.target import Target, connected
from tests.integration.site import Site

_SILENCE_SECONDS = 10.0
"""After so long an endpoint counts as unreachable; nobody who has another one waits until then."""


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a socket that listens and is never read."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"


async def _answering(target: Target) -> str:
    async with connected(target) as client:
        await client.keys.settle()
        return client.endpoint


def test_the_next_one_is_asked_beside_it(site: Site, silent: str) -> None:
    """Three times silence would be half a minute; what answers is found before the first of them is given up."""
    target = Target((silent, silent, silent, *site.endpoints), site.operation.root)

    async def found() -> str:
        async with asyncio.timeout(_SILENCE_SECONDS):
            return await _answering(target)

    assert asyncio.run(found()) in site.endpoints


def test_the_order_counts_where_all_answer(site: Site) -> None:
    """The first one named is the one that is used."""
    turned = tuple(reversed(site.endpoints))
    assert turned[0] == asyncio.run(_answering(Target(turned, site.operation.root)))


def test_nothing_but_silence(site: Site, silent: str) -> None:
    """Each endpoint is in the error, once."""
    with pytest.raises(Unreachable) as refused:
        asyncio.run(_answering(Target((silent,), site.operation.root)))
    assert [silent] == [problem.place and problem.place.file for problem in refused.value.problems]


def test_a_refusal_is_not_waited_for(site: Site, silent: str) -> None:
    """Where nothing listens the next one is asked at once, and every failure is told in the order of the endpoints."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        closed = f"https://127.0.0.1:{listening.getsockname()[1]}"
    assert site.endpoints[1] == asyncio.run(_answering(Target((closed, site.endpoints[1]), site.operation.root)))
    with pytest.raises(Unreachable) as refused:
        asyncio.run(_answering(Target((silent, closed), site.operation.root)))
    assert [silent, closed] == [problem.place and problem.place.file for problem in refused.value.problems]
