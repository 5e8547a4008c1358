"""Every way of not getting through to a real etcd has its own clear error."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from ringfence.errors import ClusterError, InputError, TlsRefused, Unreachable
from ringfence.etcd.channel import SECONDS
from ringfence.etcd.client import Client
from ringfence.keyspace import Span
from ringfence.local.binary import Binary
from ringfence.local.ports import free_ports
from ringfence.model.credentials import Credentials
from tests.integration.stage import Authority, Pair, Stage, prepare


@dataclass(frozen=True, slots=True)
class Impostors:
    """Client URLs of members that are not what a client wants."""

    plain: str
    expired: str
    elsewhere: str


@pytest.fixture(scope="module")
def impostors(tmp_path_factory: pytest.TempPathFactory, etcd: Binary, authority: Authority) -> Iterator[Impostors]:
    """Three one-member clusters: without TLS, with an expired certificate, with one for another host.

    Each is up before the next looks for free ports.
    """
    usages = ("server", "client")
    expired = authority.issue(hosts=("127.0.0.1",), days=-1, usages=usages)
    elsewhere = authority.issue(hosts=("10.9.9.9", "etcd.example"), usages=usages)
    with ExitStack() as running:

        def started(name: str, *, server: Pair | None = None, settings: Mapping[str, object] | None = None) -> str:
            folder = tmp_path_factory.mktemp(name)
            stage = prepare(folder, etcd.path, authority, size=1, server=server, settings=settings)
            running.enter_context(stage.cluster)
            return stage.members[0].client

        yield Impostors(
            plain=started("plain", settings={"scheme": "http"}).replace("http:", "https:"),
            expired=started("expired", server=expired),
            elsewhere=started("elsewhere", server=elsewhere),
        )


async def leaderless(client: Client) -> None:
    """Wait until the member has noticed that it has no leader."""
    while (await client.cluster.status()).has_leader:  # noqa: ASYNC110  # etcd tells nobody of it
        await asyncio.sleep(0.05)


async def failing(endpoint: str, credentials: Credentials, seconds: float = SECONDS) -> ClusterError:
    """The error of asking for the status there."""
    async with Client(endpoint, credentials, seconds=seconds) as client:
        with pytest.raises(ClusterError) as caught:
            await client.cluster.status()
    return caught.value


def test_the_right_endpoint_and_certificate_get_an_answer(stage: Stage) -> None:
    """What the other tests of this module change one thing of works."""

    async def main() -> str:
        async with Client(stage.members[0].client, stage.as_user("root")) as client:
            return (await client.cluster.status()).version

    assert asyncio.run(main()).startswith("3.")


PLAIN = "plain HTTP is spoken there, without TLS"
ENDPOINTS = [
    ("nothing", Unreachable, "nothing listens there"),
    ("nowhere", Unreachable, "the host name is not known"),
    ("peer", Unreachable, "TLS is spoken there, but not the API of etcd"),
    ("metrics", Unreachable, PLAIN),
    ("plain", Unreachable, PLAIN),
    ("expired", TlsRefused, "the server's certificate has expired"),
    ("elsewhere", TlsRefused, "the server's certificate is not for that host"),
]


@pytest.fixture
def endpoints(stage: Stage, impostors: Impostors) -> dict[str, str]:
    """Endpoints at which something is wrong, by what it is."""
    return {
        "nothing": f"https://127.0.0.1:{free_ports(1)[0]}",
        "nowhere": "https://no-such-host.invalid:2379",
        "peer": stage.members[0].peer,
        "metrics": stage.members[0].metrics.replace("http:", "https:"),
        "plain": impostors.plain,
        "expired": impostors.expired,
        "elsewhere": impostors.elsewhere,
    }


@pytest.mark.parametrize(("endpoint", "error", "what"), ENDPOINTS)
def test_a_wrong_endpoint_has_its_own_error(
    stage: Stage, endpoints: dict[str, str], endpoint: str, error: type[ClusterError], what: str
) -> None:
    """Whatever is wrong with the other side is told by class, words, endpoint and a hint."""
    url = endpoints[endpoint]
    caught = asyncio.run(failing(url, stage.as_user("root")))
    assert error is type(caught)
    (problem,) = caught.problems
    assert what == problem.what
    assert url == str(problem.place)
    assert problem.hint


def _foreign(authority: Authority) -> Credentials:
    own, other = authority.ca, Authority("another CA").client("root")
    return Credentials(own, other.certificate, other.key)


def _server_only(authority: Authority) -> Credentials:
    pair = authority.issue("root", usages=("server",))
    return Credentials(authority.ca, pair.certificate, pair.key)


def _mismatched(authority: Authority) -> Credentials:
    return Credentials(authority.ca, authority.issue("root").certificate, authority.issue("root").key)


def _distrusting(authority: Authority) -> Credentials:
    own = authority.client("root")
    return Credentials(Authority("another CA").ca, own.certificate, own.key)


def _untrusting(authority: Authority) -> Credentials:
    pair = authority.issue("root")
    return Credentials(b"no PEM", pair.certificate, pair.key)


REFUSED = "the server refused our certificate"
UNUSABLE = "the CA, certificate or key cannot be used"
CREDENTIALS = [
    (lambda authority: Credentials(authority.ca), REFUSED),
    (lambda authority: authority.client("root", days=-1), REFUSED),
    (_foreign, REFUSED),
    (_server_only, REFUSED),
    (_distrusting, "the server's certificate is not from a CA that is trusted"),
    (_mismatched, UNUSABLE),
    (lambda authority: Credentials(authority.ca, b"no PEM", b"at all"), UNUSABLE),
    (_untrusting, UNUSABLE),
]


@pytest.mark.parametrize(("credentials", "what"), CREDENTIALS)
def test_a_wrong_certificate_has_its_own_error(
    stage: Stage, credentials: Callable[[Authority], Credentials], what: str
) -> None:
    """Whatever is wrong with our side of the handshake is a TLS refusal that says so."""
    caught = asyncio.run(failing(stage.members[0].client, credentials(stage.authority)))
    assert TlsRefused is type(caught)
    assert [what] == [problem.what for problem in caught.problems]


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:2379", "127.0.0.1:2379", "https://", "https://h:port"])
def test_what_is_no_https_url_is_refused_before_anything_is_sent(stage: Stage, endpoint: str) -> None:
    """A plain-HTTP or malformed endpoint is bad input."""
    with pytest.raises(InputError) as caught:
        Client(endpoint, stage.as_user("root"))
    assert endpoint == str(caught.value.problems[0].place)


def test_a_frozen_member_runs_into_the_time_limit(stage: Stage) -> None:
    """A member that takes connections and answers nothing is reported with the time that was waited."""
    stage.cluster.pause("m0")
    try:
        caught = asyncio.run(failing(stage.members[0].client, stage.as_user("root"), seconds=0.5))
    finally:
        stage.cluster.resume("m0")
        stage.cluster.wait_healthy()
    assert Unreachable is type(caught)
    assert "no answer within 0.5 s" == caught.problems[0].what


def test_without_a_quorum_a_request_that_needs_one_says_so(stage: Stage) -> None:
    """One of three members refuses at once once it knows that it has no leader; its own status it still tells."""

    async def main() -> ClusterError:
        async with Client(stage.members[0].client, stage.as_user("root")) as client:
            await leaderless(client)
            with pytest.raises(ClusterError) as caught:
                await client.keys.count(Span.of_key(b"/k"))
        return caught.value

    stage.cluster.pause("m1")
    stage.cluster.pause("m2")
    try:
        caught = asyncio.run(main())
    finally:
        stage.cluster.resume("m1")
        stage.cluster.resume("m2")
        stage.cluster.wait_healthy()
    assert Unreachable is type(caught)
    assert "the member has no leader" == caught.problems[0].what


def test_proxies_of_the_environment_are_not_used(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that leads nowhere changes nothing."""
    for name in ("http_proxy", "https_proxy", "grpc_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    test_the_right_endpoint_and_certificate_get_an_answer(stage)


def test_grpc_writes_nothing_of_its_own(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither a refused handshake nor unusable PEM makes gRPC's core write to stdout or stderr."""
    for credentials in (Credentials(stage.authority.ca), Credentials(b"no PEM"), _mismatched(stage.authority)):
        asyncio.run(failing(stage.members[0].client, credentials))
    assert ("", "") == tuple(capfd.readouterr())
