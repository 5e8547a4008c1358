"""Listeners of real members, open and closed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ringfence.etcd.listeners import Listener, look_at
from ringfence.local.binary import Binary
from ringfence.local.ports import free_ports
from tests.integration.stage import Authority, Stage, prepare


def test_the_listeners_of_the_stage_are_closed(stage: Stage) -> None:
    """A member that insists on client certificates answers neither a client without one nor plain HTTP."""
    for member in stage.members:
        found = asyncio.run(look_at(member.client))
        expected = Listener(url=member.client, listens=True, takes_no_certificate=False, speaks_plain_http=False)
        assert expected == found


@pytest.mark.parametrize(
    ("settings", "no_certificate", "plain"),
    [
        ({"client-cert-auth": False, "trusted-ca-file": None}, True, False),
        ({"scheme": "http"}, False, True),
    ],
)
def test_an_open_listener_is_seen(
    tmp_path: Path, etcd: Binary, authority: Authority, settings: dict[str, object], no_certificate: bool, plain: bool
) -> None:
    """Client certificates not asked for, or no TLS at all: each is told."""
    stage = prepare(tmp_path, etcd.path, authority, size=1, settings=settings)
    with stage.cluster:
        url = stage.members[0].client
        found = asyncio.run(look_at(url))
    assert (True, no_certificate, plain) == (found.listens, found.takes_no_certificate, found.speaks_plain_http)


def test_where_nothing_listens_nothing_is_known() -> None:
    """A listener that could not be reached is told as such: that it let nobody in says nothing then."""
    found = asyncio.run(look_at(f"https://127.0.0.1:{free_ports(1)[0]}"))
    assert not found.listens
