"""Two hosts with a stand-in for systemd, on which units start stand-ins for Calico's programs and kube-apiserver.

``one`` has Felix, kube-controllers and an API server under systemd; ``two`` calico/node in a container and an API
server in a static pod, with a stand-in for the kubelet. There is no etcd: what is tried is what is installed, and what
is started from it.
"""

from __future__ import annotations

import getpass
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringfence.local.ports import free_ports
from tests.integration.ansible import kubelet, systemctl
from tests.integration.ansible.hosts import Hosts
from tests.integration.waiting import wait_until
from tests.unit.render.component_manifests import APISERVER

ROOTS = ("one", "two")
OWNER = "nobody" if os.geteuid() == 0 else getpass.getuser()
SPEC = """\
version: 1
cluster:
  name: hosts
  endpoints: [https://10.0.0.1:2379]
  etcd: "3.5.28"
  paths: {pki: /etc/etcd/pki}
components:
  - {use: kube-apiserver, kubernetes: "1.32", compaction: etcd}
  - use: calico
    calico: "3.32.1"
    segmentation: node
    identity: node
    services: {felix: unit, kube-controllers: unit}
nodes: [one, two]
"""
_PROGRAM = """\
#!{python}
# Writes down how it was started, and stays; as an API server it is ready when it is asked for the third time.
import http.server, json, os, sys
from pathlib import Path

name = Path(sys.argv[0]).name
if sys.argv[1:2] != ["rm"]:
    started = Path("{root}/started")
    started.mkdir(exist_ok=True)
    told = {{"args": sys.argv[1:], "environ": dict(os.environ)}}
    (started / f"{{name}}-{{len(list(started.glob(name + '-*')))}}").write_text(json.dumps(told))
    if name == "kube-apiserver":
        asked = []
        class Ready(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                with Path("{root}/asked").open("a") as file:
                    file.write(f"{{self.path}}\\n")
                self.send_response(200 if asked.count(self.path) > 2 else 503)
                self.end_headers()
        http.server.HTTPServer(("127.0.0.1", {port}), Ready).serve_forever()
    import signal
    signal.pause()
"""
_PROGRAMS = ("calico-felix", "kube-controllers", "docker", "kube-apiserver")


@dataclass(frozen=True, slots=True)
class Machines(Hosts):
    """The hosts, and what ran on them."""

    def started(self, name: str, program: str) -> list[dict[str, Any]]:
        """How a program was started on a host, each time."""
        files = (self.root(name) / "started").glob(f"{program}-*")
        return [json.loads(path.read_text()) for path in sorted(files)]  # fewer than ten

    def calls(self, name: str) -> list[str]:
        """What was asked of the service manager of a host, but for questions."""
        calls = self.root(name) / "calls"
        return calls.read_text().splitlines() if calls.exists() else []

    def asked(self, name: str, path: str) -> int:
        """How often the API server of a host was asked for a path."""
        return (self.root(name) / "asked").read_text().split().count(path)

    def forget(self) -> None:
        """Empty the lists of calls."""
        for name in ROOTS:
            (self.root(name) / "calls").unlink(missing_ok=True)

    def end(self) -> None:
        """End every program that runs."""
        pids = [path for name in ROOTS for path in self.root(name).glob("run/*.pid")]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(int(pid.read_text()), signal.SIGTERM)
        wait_until(lambda: not any(_runs(pid) for pid in pids))


@contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    """Spec, certificates, project and hosts."""
    hosts = Machines(folder)
    (folder / "ringfence.yaml").write_text(SPEC)
    for args in (("certs", "issue"), ("render", "ansible", "--out", "project")):
        done = hosts.run(*args)
        assert 0 == done.code, done.err
    ports = dict(zip(ROOTS, free_ports(2), strict=True))
    for name, port in ports.items():
        furnish(hosts.root(name), port)
    subprocess.run([hosts.root("one") / "usr/bin/systemctl", "start", "kube-apiserver"], check=True)
    wait_until(lambda: (hosts.root("one") / "started/kube-apiserver-0").exists())
    wait_until(lambda: subprocess.run([hosts.root("two") / "usr/bin/pgrep"], check=False).returncode == 0)
    wait_until(lambda: (hosts.root("two") / "started/kube-apiserver-0").exists())
    everywhere: dict[str, dict[str, dict[str, str]]] = {"hosts": {name: {} for name in ROOTS}}
    groups = {"all": everywhere, "kube_controllers": {"hosts": {"one": {}}}, "kube_apiservers": everywhere}
    (hosts.project / "inventory" / "own.yml").write_text(json.dumps(groups))
    own = {
        "ansible_connection": "local",
        "ringfence_become": False,
        "ringfence_command": [sys.executable, "-m", "ringfence"],
        "kube_apiserver_owner": OWNER,
        "kube_apiserver_delay": 1,
        "calico_node_settled": 1,
        "calico_node_delay": 1,
    }
    forms = {"one": "systemd", "two": "static-pod"}
    variables = {name: _of_host(hosts.root(name), form, ports[name]) for name, form in forms.items()}
    variables["one"] |= {
        "calico_node_extra_env": {"FELIX_LOGSEVERITYSCREEN": "Warning"},
        "calico_node_ready": f"http://127.0.0.1:{ports['one']}/liveness",  # it stands in for Felix too
    }
    variables["two"] |= {
        "calico_node_service": "container",
        "calico_node_image": "quay.io/calico/node:v3.32.1",
        "calico_node_extra_env": {"IP": "autodetect"},
        "calico_node_extra_arguments": ["--cpus=2"],
    }
    (hosts.project / "group_vars" / "all" / "own.yml").write_text(json.dumps(own))
    (hosts.project / "host_vars").mkdir()
    for name, values in variables.items():
        (hosts.project / "host_vars" / f"{name}.yml").write_text(json.dumps(values))
    try:
        yield hosts
    finally:
        hosts.end()


def _of_host(root: Path, form: str, port: int) -> dict[str, Any]:
    return {
        "kube_apiserver_ready": f"http://127.0.0.1:{port}/readyz",
        "ringfence_root": str(root),
        "ansible_python_interpreter": str(root / "usr/bin/python"),
        "kube_apiserver_form": form,
    }


def furnish(root: Path, port: int) -> None:
    """What a host has before Ansible comes: programs, a unit of its API server, and a static pod."""
    programs = root / "usr/bin"
    for folder in (programs, root / "bin", root / "run", root / systemctl.UNITS, root / "etc/kubernetes/manifests"):
        folder.mkdir(parents=True)
    scripts = {name: _PROGRAM.format(python=sys.executable, root=root, port=port) for name in _PROGRAMS}
    scripts["systemctl"] = f'#!/bin/sh\nexec {sys.executable} {systemctl.__file__} {root} "$@"\n'
    scripts["pgrep"] = f"#!/bin/sh\nexec {sys.executable} {kubelet.__file__} {root}\n"
    for name, command in {"mkdir": "mkdir -p", "touch": "touch"}.items():  # what a unit asks of the host, in its folder
        text = f'for each; do case $each in /*) /bin/{command} "{root}$each" ;; esac; done\n'
        scripts[f"../../bin/{name}"] = f"#!/bin/sh\n{text}"
    # The interpreter is how a host of Ansible comes to a PATH of its own.
    scripts["python"] = f'#!/bin/sh\nPATH={programs}:$PATH exec {sys.executable} "$@"\n'
    for name, text in scripts.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    unit = "[Service]\nExecStart=/usr/bin/kube-apiserver --v=2 --etcd-servers=http://old:2379\n"
    (root / systemctl.UNITS / "kube-apiserver.service").write_text(unit)
    (root / "etc/kubernetes/manifests/kube-apiserver.yaml").write_text(APISERVER)


def _runs(pid: Path) -> bool:
    try:
        os.kill(int(pid.read_text()), 0)
    except ProcessLookupError:
        return False
    return True
