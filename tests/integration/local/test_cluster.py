"""Real etcd processes: started, watched, and never left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ringfence.errors import LocalError
from ringfence.local.binary import Binary
from ringfence.local.cluster import LocalCluster, LocalMember
from ringfence.local.health import is_healthy
from ringfence.local.ports import free_ports


def member(folder: Path, **settings: object) -> LocalMember:
    """A one-member cluster without TLS, as its configuration file."""
    client, peer, metrics = (f"http://127.0.0.1:{port}" for port in free_ports(3))
    config: dict[str, object] = {
        "name": "m0",
        "data-dir": str(folder / "data"),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"m0={peer}",
        "listen-metrics-urls": metrics,
        **settings,
    }
    path = folder / "m0.json"
    path.write_text(json.dumps(config))
    return LocalMember(name="m0", config=path, log=folder / "m0.log", metrics=metrics)


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_dead(pid: int) -> bool:
    """Whether a process is gone within five seconds."""
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


def test_a_cluster_is_healthy_inside_and_gone_outside(tmp_path: Path, etcd: Binary) -> None:
    """Inside the with block the member answers, in a session of its own; afterwards its process is gone."""
    one = member(tmp_path)
    with LocalCluster(etcd.path, [one]) as cluster:
        pid = cluster.pid("m0")
        assert pid is not None
        assert is_healthy(one.metrics)
        assert os.getsid(pid) != os.getsid(0)
    assert not is_alive(pid)
    assert cluster.pid("m0") is None
    assert 0o600 == one.log.stat().st_mode & 0o777


def test_it_is_stopped_when_the_block_fails(tmp_path: Path, etcd: Binary) -> None:
    """An exception, Ctrl-C included, leaves no process."""
    pids = []

    def interrupted() -> None:
        with LocalCluster(etcd.path, [member(tmp_path)]) as cluster:
            pids.append(cluster.pid("m0"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    (pid,) = pids
    assert pid is not None
    assert not is_alive(pid)


def test_a_killed_member_can_be_started_again_a_frozen_one_goes_on(tmp_path: Path, etcd: Binary) -> None:
    """Kill and restart, pause and resume: health follows, and a frozen member is stopped as well."""
    one = member(tmp_path)
    with LocalCluster(etcd.path, [one]) as cluster:
        cluster.kill("m0")
        assert not is_healthy(one.metrics)
        assert cluster.pid("m0") is None
        cluster.restart("m0")
        assert is_healthy(one.metrics)
        cluster.pause("m0")
        cluster.resume("m0")
        cluster.wait_healthy()
        cluster.pause("m0")
        pid = cluster.pid("m0")
        assert pid is not None
    assert not is_alive(pid)


def test_a_taken_port_is_told(tmp_path: Path, etcd: Binary) -> None:
    """Where something else listens, the error names the address; that something goes on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        one = member(tmp_path, **{"listen-client-urls": f"http://{address}"})
        with pytest.raises(LocalError) as caught, LocalCluster(etcd.path, [one]):
            pytest.fail("it started")
        assert f"etcd member m0 ended: {address} is in use" == caught.value.problems[0].what
        assert str(one.log) == str(caught.value.problems[0].place)


def test_a_member_that_dies_early_leaves_its_last_words(tmp_path: Path, etcd: Binary) -> None:
    """A configuration that etcd refuses is an error with etcd's own reason."""
    one = member(tmp_path, **{"initial-cluster": "other=http://127.0.0.1:1"})
    with pytest.raises(LocalError, match="m0") as caught, LocalCluster(etcd.path, [one]):
        pytest.fail("it started")
    assert "initial cluster" in caught.value.problems[0].what


def test_a_member_that_never_gets_healthy_is_told_after_the_time(tmp_path: Path, etcd: Binary) -> None:
    """One of two members alone has no quorum: the error says how long was waited."""
    one = member(tmp_path)
    config = json.loads(one.config.read_text())
    config["initial-cluster"] += f",m1=http://127.0.0.1:{free_ports(1)[0]}"
    one.config.write_text(json.dumps(config))
    cluster = LocalCluster(etcd.path, [one])
    try:
        with pytest.raises(LocalError, match=r"not healthy after 0\.5 s"):
            cluster.start(0.5)
    finally:
        cluster.stop()


def test_a_killed_parent_leaves_no_orphan(tmp_path: Path, etcd: Binary) -> None:
    """The kernel ends etcd with the program that started it, even if that had no chance to."""
    one = member(tmp_path)
    program = (
        "import sys, time; from pathlib import Path; from ringfence.local.cluster import LocalCluster, LocalMember\n"
        "etcd, config, log, metrics = sys.argv[1:]\n"
        "member = LocalMember(name='m0', config=Path(config), log=Path(log), metrics=metrics)\n"
        "cluster = LocalCluster(Path(etcd), [member]); cluster.start(); print(cluster.pid('m0'), flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(etcd.path), str(one.config), str(one.log), one.metrics]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.send_signal(signal.SIGKILL)
    assert wait_dead(pid)


def test_variables_of_etcd_do_not_reach_it(tmp_path: Path, etcd: Binary, monkeypatch: pytest.MonkeyPatch) -> None:
    """ETCD_* of the operator's shell are kept from the member."""
    monkeypatch.setenv("ETCD_NAME", "somebody-else")
    with LocalCluster(etcd.path, [member(tmp_path)]) as cluster:
        environ = Path(f"/proc/{cluster.pid('m0')}/environ").read_bytes()
    assert b"ETCD_NAME" not in environ


def test_free_ports_are_different_and_free() -> None:
    """Each port can be listened on, none comes twice, and none is one the kernel gives away itself."""
    ports = free_ports(50)
    assert 50 == len(set(ports))
    assert max(ports) < 32768
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()
