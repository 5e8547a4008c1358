"""A small client of the Kubernetes API: JSON over HTTPS with a client certificate, and a watch in a thread."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Self, TypeAlias

from conformance.harness.authority import KubernetesFiles

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Object: TypeAlias = "dict[str, Json]"

_SECONDS = 60


class Refused(Exception):
    """The API server answered with an error; carries its status and its message."""

    def __init__(self, method: str, path: str, status: int, body: str) -> None:
        super().__init__(f"{method} {path}: {status} {body[:400]}")
        self.status = status


class Kubernetes:
    """Requests to one API server, one at a time over one connection; counts what it did.

    Args:
        port: where it listens on 127.0.0.1.
        files: its CA, and the certificate to show.
    """

    def __init__(self, port: int, files: KubernetesFiles) -> None:
        self._port = port
        self._tls = ssl.create_default_context(cafile=str(files.ca))
        self._tls.load_cert_chain(files.admin, files.admin_key)
        self._open: http.client.HTTPSConnection | None = None
        self.done: Counter[str] = Counter()

    def connection(self) -> http.client.HTTPSConnection:
        """A connection that is nobody else's."""
        return http.client.HTTPSConnection("127.0.0.1", self._port, context=self._tls, timeout=_SECONDS)

    def text(self, method: str, path: str, body: Object | None = None, kind: str = "application/json") -> str:
        """The answer to a request.

        Raises:
            Refused: its status is not one of success.
            OSError: there was none.
        """
        if self._open is None:
            self._open = self.connection()
        try:
            self._open.request(
                method, path, None if body is None else json.dumps(body), {"Content-Type": kind, "Accept": "*/*"}
            )
            answer = self._open.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self._open.close()
            self._open = None
            raise OSError(f"{method} {path}: {error}") from None
        if answer.status >= 300:
            raise Refused(method, path, answer.status, text)
        self.done[method.lower()] += 1
        return text

    def get(self, path: str) -> Object:
        """An object or a list."""
        return _object(self.text("GET", path))

    def create(self, path: str, body: Object) -> Object:
        """A new object in a collection."""
        return _object(self.text("POST", path, body))

    def replace(self, path: str, body: Object) -> Object:
        """An object, put over the one that is there."""
        return _object(self.text("PUT", path, body))

    def patch(self, path: str, body: Object) -> Object:
        """An object, merged into the one that is there."""
        return _object(self.text("PATCH", path, body, "application/merge-patch+json"))

    def delete(self, path: str) -> None:
        """An object or a collection, gone."""
        self.text("DELETE", path)


class Watch:
    """A watch that counts its events by type while its ``with`` block runs.

    It starts from a list, as clients do: without a revision the server first waits for its cache to catch up with
    etcd, which takes progress notifications that etcd has since 3.4.31 and 3.5.13 only.
    """

    def __init__(self, api: Kubernetes, path: str) -> None:
        self.seen: Counter[str] = Counter()
        self.errors: list[str] = []
        self._connection = api.connection()
        listed = api.get(path)["metadata"]
        assert isinstance(listed, dict)
        start = listed["resourceVersion"]
        self._connection.request("GET", f"{path}?watch=true&timeoutSeconds=3600&resourceVersion={start}")
        self._answer = self._connection.getresponse()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        socket = self._connection.sock
        if socket is not None:
            socket.settimeout(0.1)
        self._thread.join(2)
        self._connection.close()

    def _read(self) -> None:
        try:
            for line in self._answer:
                event = _object(line.decode())
                self.seen[str(event.get("type"))] += 1
                if event.get("type") == "ERROR":
                    self.errors.append(json.dumps(event.get("object"))[:300])
        except (OSError, ValueError, http.client.HTTPException):
            return  # the watch ended with its block


def _object(text: str) -> Object:
    value: Json = json.loads(text)
    assert isinstance(value, dict)
    return value


def named(name: str, **more: Json) -> Object:
    """An object of a name, with its other fields."""
    return {"metadata": {"name": name}, **more}


def name_of(found: Mapping[str, Json]) -> str:
    """The name of an object."""
    metadata = found["metadata"]
    assert isinstance(metadata, dict)
    return str(metadata["name"])
