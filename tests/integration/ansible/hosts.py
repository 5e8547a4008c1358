"""Three hosts for Ansible on this machine: each a folder as its root, in which a real etcd member runs.

The rendered project is used as it is; what is added are the files that an operator adds.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ringfence.local.binary import Binary
from ringfence.local.ports import free_ports
from ringfence.model.credentials import Credentials
from ringfence.rules.holes import holes
from tests.integration.site import Ran, ringfence
from tests.integration.waiting import wait_until

NAMES = ("etcd-1", "etcd-2", "etcd-3")
NODES = ("etcd-1", "etcd-2")
PKI = "etc/etcd/pki"
_RECAP = re.compile(r"^(\S+)\s*: ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)
_VERBS = ("status", "start", "restart")
_CONTROL = """\
#!/bin/sh
# The service manager of this host. A member that nobody stops ends by itself.
case $1 in
    status) kill -0 "$(cat {root}/pid)" 2>/dev/null ;;
    stop) kill "$(cat {root}/pid)"; while kill -0 "$(cat {root}/pid)" 2>/dev/null; do sleep 0.1; done ;;
    restart) "$0" stop; "$0" start ;;
    start)
        timeout 1800 {etcd} --config-file {root}/etc/etcd/etcd.conf.yml >>{root}/log 2>&1 </dev/null &
        echo $! >{root}/pid ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Played:
    """A run of a playbook: its exit code, what it said, and how many changes and failures there were by host."""

    code: int
    text: str

    @property
    def changed(self) -> dict[str, int]:
        """How many tasks changed something, by host."""
        return {name: int(changed) for name, changed, _, _ in _RECAP.findall(self.text)}


@dataclass(frozen=True, slots=True)
class Hosts:
    """A folder with spec, certificates and project, and the roots of the hosts."""

    folder: Path

    @property
    def project(self) -> Path:
        """The rendered project."""
        return self.folder / "project"

    def root(self, name: str) -> Path:
        """What a host takes for ``/``."""
        return self.folder / "hosts" / name

    def pid(self, name: str) -> int:
        """The process of a member."""
        return int((self.root(name) / "pid").read_text())

    def pids(self) -> dict[str, int]:
        """The processes of all members."""
        return {name: self.pid(name) for name in NAMES}

    def run(self, *args: str) -> Ran:
        """Run ringfence beside the spec."""
        return ringfence(*args, folder=self.folder)

    def play(self, book: str, *args: str) -> Played:
        """Run a playbook of the project; no key may be in what it says."""
        program = Path(sys.executable).with_name("ansible-playbook")
        done = subprocess.run(
            [program, book, "-e", "calico_node_serial=100%", *args],
            cwd=self.project,
            env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_HOME": str(self.folder / "ansible")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        text = done.stdout + done.stderr
        assert "PRIVATE KEY" not in text
        return Played(done.returncode, text)

    def credentials(self, host: str, name: str) -> Credentials:
        """What a program on a host shows: read from that host's own folder."""
        folder = self.root(host) / PKI
        return Credentials(*((folder / file).read_bytes() for file in ("ca.pem", f"{name}.pem", f"{name}-key.pem")))

    def stop(self) -> None:
        """End every member that runs."""
        for name in NAMES:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                os.kill(self.pid(name), signal.SIGTERM)
        wait_until(lambda: not any(_runs(self.root(name) / "pid") for name in NAMES))


@contextmanager
def three_hosts(folder: Path, etcd: Binary) -> Iterator[Hosts]:
    """Spec, certificates and project; the members are started by Ansible and stopped here."""
    hosts = Hosts(folder)
    ports = free_ports(9)
    (folder / "ringfence.yaml").write_text(_spec(etcd, ports))
    for args in (("certs", "issue"), ("render", "ansible", "--out", "project")):
        done = hosts.run(*args)
        assert 0 == done.code, done.err
    own: dict[str, Mapping[str, str]] = {}
    for name in NAMES:
        root = hosts.root(name)
        root.mkdir(parents=True)
        control = root / "control"
        control.write_text(_CONTROL.format(root=root, etcd=etcd.path))
        control.chmod(0o755)
        own[name] = {"ringfence_root": str(root)}
    inventory = {"all": {"hosts": own}, "kube_apiservers": {"hosts": {"etcd-3": {}}}}
    (hosts.project / "inventory" / "own.yml").write_text(json.dumps(inventory))
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "ringfence_become": False,
        "ringfence_command": [sys.executable, "-m", "ringfence"],
        "etcd_member_owner": "",
        "etcd_member_group": "",
        "etcd_member_service": "command",
        "kube_apiserver_owner": "",
        **{
            f"etcd_member_{verb}": f"{{{{ ringfence_root }}}}/control {verb}" for verb in ("status", "start", "restart")
        },
    }
    (hosts.project / "group_vars" / "all" / "own.yml").write_text(json.dumps(variables))
    try:
        yield hosts
    finally:
        hosts.stop()


def _runs(pid: Path) -> bool:
    try:
        os.kill(int(pid.read_text()), 0)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return True


def _spec(etcd: Binary, ports: Sequence[int]) -> str:
    until = datetime.now(UTC).date().replace(month=12, day=31)
    accepted = "".join(f"    - {{id: {hole.id}, until: {until}, reason: a test}}\n" for hole in holes(etcd.version))
    members = "".join(
        f"    - {{name: {name}, hosts: [127.0.0.1], client: https://127.0.0.1:{ports[3 * at]},"
        f" peer: https://127.0.0.1:{ports[3 * at + 1]}, metrics: http://127.0.0.1:{ports[3 * at + 2]}}}\n"
        for at, name in enumerate(NAMES)
    )
    endpoints = ", ".join(f"https://127.0.0.1:{ports[3 * at]}" for at in range(3))
    return (
        "version: 1\ncluster:\n  name: hosts\n"
        f'  endpoints: [{endpoints}]\n  etcd: "{etcd.version}"\n  paths: {{pki: /{PKI}}}\n'
        f"{'  accept:' if accepted else ''}\n{accepted}  members:\n{members}"
        "components:\n  - {use: kube-apiserver, compaction: etcd}\n"
        "  - {use: calico, segmentation: node, identity: node}\n"
        f"nodes: [{', '.join(NODES)}]\n"
    )
