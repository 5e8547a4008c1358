"""What has a certificate of the cluster's authority and is not etcd's v2 API: an error of ours, never a verdict."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from ringfence.errors import ClusterError, InputError
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.prober import ProberV2
from ringfence.model.credentials import Credentials
from ringfence.model.probe import Verdict
from ringfence.model.probe_v2 import OperationV2, ProbeV2
from tests.integration.stage import Authority
from tests.integration.strange import Answers, at_once, strange_server, whole, without_end

T = TypeVar("T")

SECONDS, PATIENT_SECONDS = 1.0, 30.0


ODD = "the answer has no enabled as etcd writes it"
STRANGE: dict[str, tuple[Answers, str]] = {
    "nothing": (at_once(), "the connection was cut"),
    "another protocol": (at_once(b"220 mail.example.com ESMTP\r\n\r\n"), "not the API of etcd"),
    "HTTP/2 alone": (at_once(b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"), "not the API of etcd"),
    "half a body": (whole("200 OK", b'{"enabled":', length=100), "the connection was cut"),
    "half an answer": (whole("200 OK", b'{"enabled":'), ODD),
    "no end, slow": (without_end(b" "), "no answer within 1 s"),
    "no end, fast": (without_end(b" " * 1_000_000), "the answer is longer than"),
    "compressed": (whole("200 OK\r\nContent-Encoding: gzip", gzip.compress(b'{"enabled": true}')), ODD),
    "compressed, they say": (whole("200 OK\r\nContent-Encoding: gzip", b"{}"), ODD),
    "no UTF-8": (whole("200 OK", b'{"enabled": "\xff\xfe"}'), ODD),
    "deep": (whole("200 OK", b"[" * 200_000), ODD),
    "an odd index": (whole("200 OK\r\nX-Etcd-Index: \xb2", b"[]"), ODD),
    "a long index": (whole(f"200 OK\r\nX-Etcd-Index: {'9' * 5000}", b"[]"), ODD),
    "other JSON": (whole("200 OK", b'{"ok": true}'), ODD),
    "a denial in prose": (whole("401 Unauthorized", b"<html>log in"), "not the API of etcd"),
    "a denial in JSON": (whole("403 Forbidden", b'{"error": "blocked"}'), "not the API of etcd"),
    "a page that is not there": (whole("404 Not Found", b'{"error": "no route"}'), "not the API of etcd"),
    "a page of somebody else": (whole("404 Not Found", b"<html>"), "not the API of etcd"),
    "a proxy": (whole("407 Proxy Authentication Required"), "not the API of etcd"),
    "a balancer": (whole("502 Bad Gateway", b"<html>"), "not the API of etcd"),
    "a redirection": (whole("307 Temporary Redirect\r\nLocation: https://elsewhere.invalid/"), "not the API of etcd"),
}


def _asked(case: str, folder: Path, do: Callable[[ClientV2], Awaitable[T]]) -> T:
    authority, answers = Authority(), STRANGE[case][0]
    seconds = SECONDS if "slow" in case else PATIENT_SECONDS

    async def run() -> T:
        root = authority.client("root")
        async with (
            strange_server(authority, answers, folder) as endpoint,
            ClientV2(endpoint, root, seconds=seconds) as client,
        ):
            return await do(client)

    return asyncio.run(run())


@pytest.mark.parametrize("case", STRANGE)
def test_each_is_an_error_of_ours(tmp_path: Path, case: str) -> None:
    """With a place, a hint and words that fit, and soon."""
    words = STRANGE[case][1]
    began = time.monotonic()
    with pytest.raises(ClusterError) as caught:
        _asked(case, tmp_path, lambda client: client.auth.enabled())
    assert PATIENT_SECONDS > time.monotonic() - began
    (problem,) = caught.value.problems
    assert problem.place is not None
    assert problem.hint
    assert words in problem.what


@pytest.mark.parametrize("case", STRANGE)
def test_no_verdict(tmp_path: Path, case: str) -> None:
    """No probe takes it for a yes or a no of etcd."""
    probes = [ProbeV2(kind, "/calico/x", Verdict.ALLOWED) for kind in OperationV2]
    outcomes = _asked(case, tmp_path, lambda client: ProberV2(client).ask(probes))
    assert [Verdict.ERROR] * len(probes) == [outcome.verdict for outcome in outcomes]


def test_a_host_that_cannot_be() -> None:
    """It is refused before anything is sent."""
    with pytest.raises(InputError) as caught:
        ClientV2("https://xn--:2379", Authority().client("root"))
    assert caught.value.problems[0].hint


def test_a_comment_in_the_bundle() -> None:
    """A bundle may name its authorities in any language, as it may for v3."""
    authority = Authority()
    bundle = "# Autorité\n".encode() + authority.ca
    client = authority.client("root")
    ClientV2("https://127.0.0.1:1", Credentials(bundle, client.certificate, client.key))
