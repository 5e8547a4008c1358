"""gRPC with nothing around it: messages made beforehand, so many under way, answers counted and thrown away.

This is the raw limit for what ringfence does with etcd: the same library, the same wire format, no typed calls, no
retries, no reading of answers.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self, cast
from urllib.parse import urlsplit

from google.protobuf.message import Message

from ringfence.etcd.answers import WatchAnswer
from ringfence.etcd.rpcs import WATCH, Rpc
from ringfence.etcd.schema import CLASSES
from ringfence.etcd.wiring import aio, grpc
from ringfence.model.credentials import Credentials

Call = tuple[Rpc[object], Message]
"""What to call, and with which message."""

OK = "OK"
_OPTIONS = (("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1))


class BareChannel:
    """One connection; a context manager. ``codes`` counts how calls ended, a denied watch as PERMISSION_DENIED."""

    def __init__(self, endpoint: str, credentials: Credentials) -> None:
        secret = grpc.ssl_channel_credentials(credentials.ca, credentials.key, credentials.certificate)
        self._channel = aio.secure_channel(urlsplit(endpoint).netloc, secret, options=_OPTIONS)
        self.codes: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        await self._channel.channel_ready()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._channel.close()

    async def fire(self, calls: Sequence[Call], in_flight: int) -> None:
        """Make all the calls, so many at a time."""
        stubs = {
            rpc.path: self._channel.unary_unary(
                rpc.path, CLASSES[rpc.request].SerializeToString, CLASSES[rpc.answer].FromString
            )
            for rpc, _ in calls
        }
        turns = iter(calls)

        async def work() -> None:
            for rpc, message in turns:
                try:
                    await stubs[rpc.path](message)
                    self.codes[OK] += 1
                except aio.AioRpcError as error:
                    self.codes[error.code().name] += 1

        await asyncio.gather(*(work() for _ in range(in_flight)))

    async def watch(self, requests: Iterable[Message]) -> None:
        """Send all the requests on one stream and wait for as many answers."""
        requests = list(requests)
        stream = self._channel.stream_stream(
            WATCH.path, CLASSES[WATCH.request].SerializeToString, CLASSES[WATCH.answer].FromString
        )()

        async def send() -> None:
            for request in requests:
                await stream.write(request)

        sending = asyncio.create_task(send())
        for _ in requests:
            answer = cast("WatchAnswer", await stream.read())
            self.codes["PERMISSION_DENIED" if answer.canceled else OK] += 1
        await sending
        stream.cancel()
