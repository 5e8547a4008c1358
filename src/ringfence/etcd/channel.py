"""One connection to one member, as one identity: requests in, answers or failures out.

TLS always, both ways; keys stay in memory. Proxies of the environment are not used, gRPC's own retries are off (what
may be sent again is decided where it is known), and no connection is shared with another channel of the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self, TypeVar, cast
from urllib.parse import urlsplit

from google.protobuf.message import Message

from ringfence.errors import ClusterError, InputError, Place
from ringfence.etcd.diagnosis import speaks_plain_http
from ringfence.etcd.failure import Failure
from ringfence.etcd.refusals import refused
from ringfence.etcd.rpcs import STATUS, Rpc
from ringfence.etcd.schema import CLASSES, new
from ringfence.etcd.transport import PLAIN_HTTP, Look, Obstacle, obstacle, unreached
from ringfence.etcd.wiring import aio, grpc
from ringfence.model.credentials import Credentials

A = TypeVar("A")

SECONDS = 10.0
"""How long an answer is waited for, unless told otherwise. etcd itself gives up after about 7 s without a quorum."""

_OPTIONS = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)
_MORE_LOOKS = 3
_LOOK_PAUSE_SECONDS = 0.15
"""A little more than gRPC waits before it connects again; until then it repeats its last failure."""
_NEEDS_LEADER = (("hasleader", "true"),)
"""Metadata with which a member without a leader refuses at once instead of waiting (etcd ``v3rpc/interceptor.go``)."""


class Channel:
    """A connection to the ``https`` URL of one member; a context manager. Many requests may be under way at once.

    Args:
        endpoint: ``https://host:port``.
        credentials: what to trust and what to show.
        seconds: how long to wait for an answer.
        token: of a login by password; it counts more than the certificate's name (etcd 3.3 and later).

    Raises:
        InputError: the endpoint is not such a URL.
    """

    def __init__(
        self, endpoint: str, credentials: Credentials, *, seconds: float = SECONDS, token: str | None = None
    ) -> None:
        target = _target(endpoint)
        self.endpoint = endpoint
        self.seconds = seconds
        self._token = () if token is None else (("token", token),)
        secret = grpc.ssl_channel_credentials(credentials.ca, credentials.key, credentials.certificate)
        self._channel = aio.secure_channel(target, secret, options=_OPTIONS)
        self._calls: dict[str, aio.UnaryUnaryMultiCallable[Message, Message]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection and what is under way on it."""
        await self._channel.close(None)

    async def ask(self, rpc: Rpc[A], request: Message, *, leader: bool = False) -> A | Failure:
        """Send one request; the answer, or how it failed.

        Args:
            rpc: the call.
            request: its message.
            leader: let a member that has no leader refuse at once.
        """
        call = self._calls.get(rpc.path)
        if call is None:
            call = self._channel.unary_unary(rpc.path, CLASSES[rpc.request].SerializeToString, _parser(rpc))
            self._calls[rpc.path] = call
        try:
            answer = await call(
                request, timeout=self.seconds, metadata=(*self._token, *(_NEEDS_LEADER if leader else ())) or None
            )
        except aio.AioRpcError as error:
            return _failure(error)
        return cast("A", answer)

    async def call(self, rpc: Rpc[A], request: Message, *, leader: bool = True) -> A:
        """Send one request and return its answer; see ``ask``.

        Raises:
            ClusterError: of the kind that fits.
        """
        answer = await self.ask(rpc, request, leader=leader)
        if isinstance(answer, Failure):
            raise await self.error(answer)
        return answer

    def converse(self, rpc: Rpc[A]) -> Conversation[A]:
        """Open a stream in both directions; the caller must cancel it."""
        return Conversation(
            self._channel.stream_stream(rpc.path, CLASSES[rpc.request].SerializeToString, _parser(rpc))()
        )

    async def error(self, failure: Failure) -> ClusterError:
        """The exception that says what a failure means; may take a second look at the endpoint."""
        answered = refused(failure, self.endpoint)
        if answered is not None:
            return answered
        found = obstacle(failure, self.seconds)
        if found.look is Look.IS_IT_PLAIN_HTTP and await speaks_plain_http(self.endpoint):
            found = PLAIN_HTTP
        elif found.look is Look.IS_IT_OUR_CERTIFICATE:
            found = await self._looked_again(found)
        return unreached(found, self.endpoint)

    async def _looked_again(self, found: Obstacle) -> Obstacle:
        """The obstacle that shows when connecting a few times more.

        A server that refuses our certificate after a TLS 1.3 handshake sends an alert and closes; the close can
        overtake the alert, and then looks like that of a server that does not speak gRPC.
        """
        for _ in range(_MORE_LOOKS):
            await asyncio.sleep(_LOOK_PAUSE_SECONDS)
            failure = await self.ask(STATUS, new("Empty"))
            if not isinstance(failure, Failure) or refused(failure, self.endpoint) is not None:
                return obstacle(Failure("UNAVAILABLE", "connection reset"), self.seconds)
            again = obstacle(failure, self.seconds)
            if again.look is not Look.IS_IT_OUR_CERTIFICATE:
                return again
        return found


@dataclass(frozen=True, slots=True)
class Conversation(Generic[A]):
    """A stream in both directions."""

    _stream: aio.StreamStreamCall[Message, Message]

    async def send(self, message: Message) -> None:
        """Send one message; on a stream that has ended it is dropped, and ``receive`` tells why."""
        try:
            await self._stream.write(message)
        except (aio.AioRpcError, aio.UsageError, asyncio.InvalidStateError):
            return

    async def receive(self) -> A | Failure:
        """The next message, or how the stream ended."""
        try:
            message = await self._stream.read()
        except aio.AioRpcError as error:
            return _failure(error)
        if message is aio.EOF:
            return Failure("CANCELLED", "the stream ended")
        return cast("A", message)

    def cancel(self) -> None:
        """End it, on both sides."""
        self._stream.cancel()


def _target(endpoint: str) -> str:
    """gRPC's name for an endpoint, an IPv6 address in brackets included."""
    hint = "write https://host:port"
    try:
        address = urlsplit(endpoint)
        port = address.port
    except ValueError:
        raise InputError.of("not a URL", place=Place(endpoint), hint=hint) from None
    if address.scheme == "http":
        raise InputError.of("plain HTTP is not spoken with etcd", place=Place(endpoint), hint=hint)
    if address.scheme != "https" or address.hostname is None or address.path not in {"", "/"}:
        raise InputError.of("not the https URL of an etcd member", place=Place(endpoint), hint=hint)
    host = f"[{address.hostname}]" if ":" in address.hostname else address.hostname
    return f"dns:///{host}:{port or 2379}"


def _parser(rpc: Rpc[A]) -> Callable[[bytes], Message]:
    return CLASSES[rpc.answer].FromString


def _failure(error: aio.AioRpcError) -> Failure:
    return Failure(error.code().name, error.details() or "")
