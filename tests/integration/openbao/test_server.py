"""Servers that cannot or must not be talked to: each has its own words, and nothing is left behind."""

from __future__ import annotations

import asyncio
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.errors import AuthorityUnreachable
from ringfence.local.openbao import LocalOpenBao, find_bao
from ringfence.local.ports import free_ports
from ringfence.pki.openbao.client import Client, Server
from ringfence.pki.openbao.login import TokenLogin
from tests.integration.openbao.conftest import Desk
from tests.integration.openbao.making import root_folder


def _issue(desk: Desk, **spec: str) -> str:
    """What ``certs issue`` complains of."""
    desk.write(**spec)
    refused = desk.run("certs", "issue")
    assert 1 == refused.code
    assert desk.bao.token not in refused.err
    assert [] == list((desk.folder / "pki").glob("*.pem"))
    return refused.err


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalOpenBao]:
    """A server that speaks TLS with an authority of its own."""
    with LocalOpenBao(find_bao(), tmp_path_factory.mktemp("secured"), tls=True) as server:
        yield server


def test_tls_with_its_own_authority_and_with_another(tmp_path: Path, secured: LocalOpenBao) -> None:
    """With the right CA all of it works; with another one, or none named, no token is ever sent."""
    desk = Desk(tmp_path, secured, "pki")
    desk.keep("token", secured.token)
    desk.write(more=f", ca: '{secured.ca}'")
    assert 0 == desk.prepare("--generate-root", "--yes").code
    wrong = root_folder(tmp_path / "wrong") / "ca.pem"
    assert "is not from a CA that is trusted" in _issue(desk, more=f", ca: '{wrong}'")
    assert "is not from a CA that is trusted" in _issue(desk)
    assert "there is no PEM certificate in it" in _issue(desk, more=", ca: token")
    assert "there is no such file" in _issue(desk, more=", ca: nowhere.pem")
    desk.write(more=f", ca: '{secured.ca}'")
    issued = desk.run("certs", "issue")
    assert 0 == issued.code, issued.err


def test_the_wrong_scheme(tmp_path: Path, secured: LocalOpenBao, desk: Desk) -> None:
    """http:// to a server with TLS, and https:// to one without."""
    plain = secured.address.replace("https:", "http:")
    assert "TLS is spoken there" in _issue(desk, address=plain)
    assert "plain HTTP is spoken there" in _issue(desk, address=desk.bao.address.replace("http:", "https:"))


def test_plain_http_is_for_loopback_alone(desk: Desk) -> None:
    """A token does not travel in plain text; on this machine a test server or an agent may listen."""
    assert 0 == desk.run("check").code
    desk.write(address="http://10.0.0.1:8200")
    refused = desk.run("check")
    assert (1, True) == (refused.code, "would send tokens and keys in plain text" in refused.err)


def test_nothing_listens(desk: Desk) -> None:
    """The address is wrong, or the server is down."""
    (port,) = free_ports(1)
    assert "nothing listens there" in _issue(desk, address=f"http://127.0.0.1:{port}")


def test_a_host_that_nobody_knows(desk: Desk) -> None:
    """By RFC 6761 this one never exists."""
    assert "the host name is not known" in _issue(desk, address="https://bao.invalid:8200")


def test_sealed(tmp_path: Path) -> None:
    """A server that was sealed says so, and so do we."""
    with LocalOpenBao(find_bao(), tmp_path) as server:
        desk = Desk(tmp_path, server, "pki")
        desk.keep("token", server.token)
        desk.write()
        assert 0 == desk.prepare("--generate-root", "--yes").code
        desk.post("sys/seal", {})
        assert "the server is sealed" in _issue(desk)


def test_an_engine_that_is_not_there_or_not_ready(desk: Desk) -> None:
    """No engine, one without a CA, one without our roles: three errors, one command."""
    missing = _issue(desk)
    assert "nothing is mounted there" in missing
    assert "ringfence certs prepare" in missing
    desk.post(f"sys/mounts/{desk.mount}", {"type": "pki"})
    assert "the PKI engine has no CA" in _issue(desk)
    desk.post(f"{desk.mount}/root/generate/internal", {"key_type": "ec", "organization": "x", "ttl": "700h"})
    unknown = _issue_keeping_the_bundle(desk)
    assert "there is no such role" in unknown
    assert "ringfence certs prepare" in unknown


def test_a_role_that_signs_otherwise_than_asked(desk: Desk) -> None:
    """What comes back is held against the request before it is stored: usages, and how long it lives."""
    assert 0 == desk.prepare("--generate-root", "--yes").code
    role = f"{desk.mount}/roles/ringfence-client-inventory"
    found = dict(desk.get(role).part("data").content)
    for change, reason in (
        ({"server_flag": True}, "inventory: may be shown by a server"),
        ({"max_ttl": 3600, "ttl": 3600}, "earlier than pki.validity asks for"),
        ({"no_store": True, "organization": "somebody"}, ""),
    ):
        desk.post(role, {**found, **change})
        issued = desk.run("certs", "issue")
        assert (1 if reason else 0, True) == (issued.code, reason in issued.err), issued.err
        assert bool(reason) is not (desk.folder / "pki" / "inventory.pem").exists()


def test_something_else_answers(desk: Desk) -> None:
    """A web server, and one that sends us elsewhere: the token goes no further."""
    with _web(404, "text/html") as (address, seen):
        assert "the answer is not OpenBao's" in _issue(desk, address=address)
    with _web(307, "text/html", desk.bao.address) as (address, seen):
        assert "the server sends us elsewhere" in _issue(desk, address=address)
    assert 1 == len(seen)


def test_a_busy_server_is_asked_again() -> None:
    """What may be repeated is, three times in all; what may not is sent once."""
    with _web(503, "application/json") as (address, seen):

        async def ask(*, repeatable: bool) -> None:
            async with Client(Server(address=address), TokenLogin("x")) as client:
                await client.write("pki/sign/x", {}, repeatable=repeatable)

        for repeatable, times in ((True, 3), (False, 1)):
            seen.clear()
            with pytest.raises(AuthorityUnreachable, match="cannot answer now"):
                asyncio.run(ask(repeatable=repeatable))
            assert times == len(seen)


def _issue_keeping_the_bundle(desk: Desk) -> str:
    refused = desk.run("certs", "issue")
    assert 1 == refused.code
    return refused.err


@contextmanager
def _web(status: int, kind: str, location: str | None = None) -> Iterator[tuple[str, list[str]]]:
    """A web server on loopback that answers everything alike, and what it was asked for."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b'{"errors": []}' if kind == "application/json" else b"<html>"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if location:
                self.send_header("Location", f"{location}{self.path}")
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  # http.server's name

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", seen
        finally:
            server.shutdown()
            thread.join()
