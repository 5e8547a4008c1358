"""A real etcd accepts each of the three forms, and is what they say."""

from __future__ import annotations

import http.client
import os
import shlex
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pytest

from ringfence.local.binary import Binary
from ringfence.local.health import is_healthy
from ringfence.local.ports import free_ports
from ringfence.model.cluster import Member, Proxy, ProxyKind
from ringfence.render.etcd.forms import ENVIRONMENT_FILE, FLAGS_FILE, YAML_FILE, member_files
from ringfence.render.etcd.gateway import gateway_flags
from tests.integration.stage import Authority

_START_SECONDS = 20.0
Form = Callable[[Path, Path], tuple[list[str], dict[str, str]]]
"""From the program and the folder with the files to a command and the variables that it gets."""

_BARE = {name: value for name, value in os.environ.items() if not name.startswith("ETCD_")}


def _member(folder: Path) -> Member:
    client, peer, metrics = free_ports(3)
    return Member(
        name="only",
        hosts=("127.0.0.1",),
        client=f"https://127.0.0.1:{client}",
        peer=f"https://127.0.0.1:{peer}",
        metrics=f"http://127.0.0.1:{metrics}",
        data_dir=PurePosixPath(folder / "data dir"),
    )


def _write(folder: Path, member: Member, authority: Authority, *, gateway: bool = False) -> None:
    """The member's certificates and its three files; the folder has a space in its name."""
    for pair in ("server", "peer"):
        issued = authority.issue("no-user", hosts=("127.0.0.1",), usages=("server", "client"))
        (folder / f"only-{pair}.pem").write_bytes(issued.certificate)
        (folder / f"only-{pair}-key.pem").write_bytes(issued.key)
    (folder / "ca.pem").write_bytes(authority.ca)
    files = member_files(cluster="forms", members=(member,), member=member, pki=PurePosixPath(folder), gateway=gateway)
    for name, content in files.items():
        (folder / name).write_text(content)


@contextmanager
def _running(command: list[str], folder: Path, environ: dict[str, str] | None = None) -> Iterator[Path]:
    """A program while it runs, and the file with what it says."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environ or _BARE, stdout=output, stderr=output)
    try:
        yield log
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_healthy(member: Member, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not is_healthy(member.metrics):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@pytest.fixture
def spaced(tmp_path: Path) -> Path:
    """A folder whose name needs quotes."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    return folder


def _by_yaml(etcd: Path, folder: Path) -> tuple[list[str], dict[str, str]]:
    return [str(etcd), "--config-file", str(folder / YAML_FILE)], {}


def _by_environment(etcd: Path, folder: Path) -> tuple[list[str], dict[str, str]]:
    lines = (folder / ENVIRONMENT_FILE).read_text().splitlines()
    words = (shlex.split(line, comments=True) for line in lines)
    return [str(etcd)], dict(word[0].split("=", 1) for word in words if word)


def _by_flags(etcd: Path, folder: Path) -> tuple[list[str], dict[str, str]]:
    return [str(etcd), *shlex.split((folder / FLAGS_FILE).read_text())], {}


@pytest.mark.parametrize("form", [_by_yaml, _by_environment, _by_flags])
def test_a_real_etcd_runs_with_each_form(form: Form, spaced: Path, etcd: Binary, authority: Authority) -> None:
    """Health is asked for without TLS, a client needs a certificate, data lie where they should, the quota holds."""
    member = _member(spaced)
    _write(spaced, member, authority)
    command, variables = form(etcd.path, spaced)
    with _running(command, spaced, _BARE | variables) as log:
        _wait_until_healthy(member, log)
        known = authority.issue("somebody")
        assert 200 == _get(member, authority, spaced, "/version", (known.certificate, known.key))
        with pytest.raises((ssl.SSLError, ConnectionError)):
            _get(member, authority, spaced, "/version", None)
        assert "\netcd_server_quota_backend_bytes 8.589934592e+09\n" in _metrics(member)
    assert (spaced / "data dir" / "member" / "snap" / "db").is_file()
    assert "unrecognized" not in log.read_text()


@pytest.mark.parametrize(("gateway", "status"), [(False, 404), (True, 200)])
def test_the_json_gateway_is_as_it_was_asked_for(
    spaced: Path, etcd: Binary, authority: Authority, *, gateway: bool, status: int
) -> None:
    """Off, its paths are not found; on, a client without Common Name is answered."""
    member = _member(spaced)
    _write(spaced, member, authority, gateway=gateway)
    nameless = authority.issue()
    with _running([str(etcd.path), "--config-file", YAML_FILE], spaced) as log:
        _wait_until_healthy(member, log)
        assert status == _get(
            member, authority, spaced, "/v3/cluster/member/list", (nameless.certificate, nameless.key), method="POST"
        )


def test_clients_reach_the_member_through_the_gateway(spaced: Path, etcd: Binary, authority: Authority) -> None:
    """``etcd gateway`` takes the flags, and passes TLS through to the member's own certificate."""
    member = _member(spaced)
    _write(spaced, member, authority)
    (port,) = free_ports(1)
    flags = gateway_flags(Proxy(name="edge", kind=ProxyKind.GATEWAY, hosts=("127.0.0.1",)), (member,))
    flags = flags.replace("127.0.0.1:2379", f"127.0.0.1:{port}")
    (spaced / "edge").mkdir()
    known = authority.issue("somebody")
    with (
        _running([str(etcd.path), "--config-file", YAML_FILE], spaced) as log,
        _running([str(etcd.path), "gateway", "start", *shlex.split(flags)], spaced / "edge") as edge_log,
    ):
        _wait_until_healthy(member, log)
        _wait_until_open(port, edge_log)
        assert 200 == _get(member, authority, spaced, "/version", (known.certificate, known.key), port=port)


def _metrics(member: Member) -> str:
    address = urlsplit(member.metrics)
    assert address.hostname is not None
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=5)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def _wait_until_open(port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return


def _get(
    member: Member,
    authority: Authority,
    folder: Path,
    path: str,
    pair: tuple[bytes, bytes] | None,
    *,
    method: str = "GET",
    port: int | None = None,
) -> int:
    """The status of one request to the client listener, with a client certificate or without."""
    context = ssl.create_default_context(cadata=authority.ca.decode())
    if pair is not None:
        shown = folder / "shown.pem"
        shown.write_bytes(b"".join(pair))
        context.load_cert_chain(shown)
    address = urlsplit(member.client)
    assert address.hostname is not None
    connection = http.client.HTTPSConnection(address.hostname, port or address.port, timeout=5, context=context)
    try:
        connection.request(method, path, body="{}" if method == "POST" else None)
        return connection.getresponse().status
    finally:
        connection.close()
