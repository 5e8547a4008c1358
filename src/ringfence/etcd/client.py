"""A member's typed calls under one roof: ``client.auth``, ``client.keys``, ``client.cluster``."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from ringfence.etcd.auth import Auth
from ringfence.etcd.channel import SECONDS, Channel
from ringfence.etcd.cluster import Cluster
from ringfence.etcd.kv import KeyValues
from ringfence.model.credentials import Credentials


class Client:
    """One member, spoken to as one identity; a context manager. See ``Channel`` for the arguments."""

    def __init__(
        self, endpoint: str, credentials: Credentials, *, seconds: float = SECONDS, token: str | None = None
    ) -> None:
        self.endpoint = endpoint
        self.channel = Channel(endpoint, credentials, seconds=seconds, token=token)
        self.auth = Auth(self.channel)
        self.keys = KeyValues(self.channel)
        self.cluster = Cluster(self.channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection and what is under way on it."""
        await self.channel.close()
