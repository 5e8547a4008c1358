"""A member's v2 calls under one roof: ``client.auth`` and ``client.keys``."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from ringfence.etcd.v2.auth import AuthV2
from ringfence.etcd.v2.exchange import SECONDS, Exchange
from ringfence.etcd.v2.keys import KeysV2
from ringfence.model.credentials import Credentials, SpareKey


class ClientV2:
    """The v2 API of one member, as one identity; a context manager. See ``Exchange`` for the arguments."""

    def __init__(
        self, endpoint: str, credentials: Credentials, *, seconds: float = SECONDS, login: SpareKey | None = None
    ) -> None:
        self.endpoint = endpoint
        self.exchange = Exchange(endpoint, credentials, seconds=seconds, login=login)
        self.auth = AuthV2(self.exchange)
        self.keys = KeysV2(self.exchange)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End its connections."""
        await self.exchange.close()
