"""What has a good certificate and is not OpenBao: an error of ours, soon, and never an answer."""

from __future__ import annotations

import asyncio
import gzip
import time
from pathlib import Path

import pytest

from ringfence.errors import AuthorityError
from ringfence.pki.openbao.answer import Answer
from ringfence.pki.openbao.client import Client, Server
from ringfence.pki.openbao.login import AppRoleLogin, Login, TokenLogin
from tests.integration.stage import Authority
from tests.integration.strange import Answers, at_once, strange_server, whole, without_end

SECONDS, PATIENT_SECONDS = 1.0, 30.0
TOKEN = "s.SECRET"

NOT_BAO = "the answer is not OpenBao's: HTTP"
STRANGE: dict[str, tuple[Answers, str]] = {
    "nothing": (at_once(), "the connection was cut"),
    "another protocol": (at_once(b"220 mail.example.com ESMTP\r\n\r\n"), "HTTP is not spoken there"),
    "half a body": (whole("200 OK", b'{"data":', length=100), "the connection was cut"),
    "half an answer": (whole("200 OK", b'{"data":'), f"{NOT_BAO} 200"),
    "no end, slow": (without_end(b" "), "no answer within 1 s"),
    "no end, fast": (without_end(b" " * 1_000_000), "the answer is longer than 33,554,432 bytes"),
    "compressed": (whole("200 OK\r\nContent-Encoding: gzip", gzip.compress(b"{}")), f"{NOT_BAO} 200"),
    "no UTF-8": (whole("200 OK", b'{"data": "\xff\xfe"}'), f"{NOT_BAO} 200"),
    "deep": (whole("200 OK", b"[" * 200_000), f"{NOT_BAO} 200"),
    "nothing in it": (whole("200 OK"), f"{NOT_BAO} 200"),
    "a denial in prose": (whole("401 Unauthorized", b"<html>log in"), f"{NOT_BAO} 401"),
    "a page of somebody else": (whole("404 Not Found", b"<html>"), f"{NOT_BAO} 404"),
    "a balancer": (whole("502 Bad Gateway", b"<html>"), f"{NOT_BAO} 502"),
    "a redirection": (
        whole("307 Temporary Redirect\r\nLocation: https://elsewhere.invalid/"),
        "the server sends us elsewhere",
    ),
}


def _asked(case: str, folder: Path, login: Login) -> AuthorityError:
    """What comes of a request."""
    authority, answers = Authority(), STRANGE[case][0]
    seconds = SECONDS if "slow" in case else PATIENT_SECONDS
    (folder / "ca.pem").write_bytes(authority.ca)

    async def run() -> None:
        async with (
            strange_server(authority, answers, folder) as address,
            Client(Server(address=address, ca=folder / "ca.pem"), login, seconds=seconds) as client,
        ):
            await client.read("pki/ca")

    with pytest.raises(AuthorityError) as caught:
        asyncio.run(run())
    return caught.value


@pytest.mark.parametrize("case", STRANGE)
def test_each_is_an_error_of_ours(tmp_path: Path, case: str) -> None:
    """With a place, a hint and words that fit, and soon; also where it was asked again after a cut."""
    words = STRANGE[case][1]
    began = time.monotonic()
    error = _asked(case, tmp_path, TokenLogin(TOKEN))
    assert PATIENT_SECONDS > time.monotonic() - began
    (problem,) = error.problems
    assert problem.place is not None
    assert problem.hint
    assert words in problem.what
    assert TOKEN not in str(error)


@pytest.mark.parametrize("case", ["no end, slow", "no end, fast", "deep"])
def test_nobody_logs_in_there(tmp_path: Path, case: str) -> None:
    """The login is the first request of all, and has the same limits."""
    error = _asked(case, tmp_path, AppRoleLogin("approle", "role", TOKEN))
    assert STRANGE[case][1] in error.problems[0].what
    assert TOKEN not in str(error)


def test_the_same_server_with_a_good_answer(tmp_path: Path) -> None:
    """What all of these differ from: an object is read, and one that lacks something says what."""
    authority = Authority()
    (tmp_path / "ca.pem").write_bytes(authority.ca)

    async def run() -> Answer | None:
        async with (
            strange_server(authority, whole("200 OK", b'{"data": {"keys": ["a"]}}'), tmp_path) as address,
            Client(Server(address=address, ca=tmp_path / "ca.pem"), TokenLogin(TOKEN)) as client,
        ):
            assert ("a",) == await client.list("pki/roles")
            return await client.read("pki/ca")

    found = asyncio.run(run())
    assert found is not None
    assert ("a",) == found.part("data").texts("keys")
    with pytest.raises(AuthorityError, match="the answer has no certificate"):
        found.text("certificate")


def test_a_host_that_cannot_be() -> None:
    """The name is one that no name service is asked for."""

    async def run() -> None:
        async with Client(Server(address="https://xn--:8200"), TokenLogin(TOKEN)) as client:
            await client.read("pki/ca")

    with pytest.raises(AuthorityError) as caught:
        asyncio.run(run())
    assert "the host name is not known" == caught.value.problems[0].what
