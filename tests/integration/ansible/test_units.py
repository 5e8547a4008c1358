"""What the project starts and restarts on hosts whose systemd is a stand-in: units, environments, forms of API servers.

``systemctl`` is a script that records its calls and starts stand-ins for the programs (``systemctl.py``); the units are
judged by the real ``systemd-analyze`` where it is at hand.
"""

from __future__ import annotations

import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.ansible.hosts import Played
from tests.integration.ansible.units import OWNER, ROOTS, SPEC, Machines, machines

pytestmark = pytest.mark.long
"""Each run of the playbook takes half a minute; ``test_project`` is what every change must pass."""

_QUIET = dict.fromkeys(("localhost", *ROOTS), 0)
_KEY = "etc/etcd/pki/{}-key.pem"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machines, Played]]:
    """The hosts after a first run, and what it said."""
    with machines(tmp_path_factory.mktemp("units")) as hosts:
        yield hosts, hosts.play("site.yml")


@pytest.fixture
def hosts(fresh: tuple[Machines, Played]) -> Machines:
    """The hosts, everything installed and running."""
    found, played = fresh
    assert 0 == played.code, played.text
    return found


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_felix_runs_as_a_unit(hosts: Machines) -> None:
    """Started once, enabled, with the environment that names its own node's certificate."""
    (felix,) = hosts.started("one", "calico-felix")
    root = hosts.root("one")
    assert str(root / "etc/etcd/pki/calico-node.one.pem") == felix["environ"]["FELIX_ETCDCERTFILE"]
    assert 3 <= hosts.asked("one", "/liveness")  # until it was ready
    assert "Warning" == felix["environ"]["FELIX_LOGSEVERITYSCREEN"]
    assert ("etcdv3", "one") == (felix["environ"]["FELIX_DATASTORETYPE"], felix["environ"]["FELIX_FELIXHOSTNAME"])
    assert ["start calico-node", "enable calico-node"] == [each for each in hosts.calls("one") if "calico-node" in each]
    files = ("etc/systemd/system/calico-node.service", "etc/calico/felix.env")
    assert {0o644} == {_mode(root / file) for file in files}
    assert 0o600 == _mode(root / _KEY.format("calico-node.one"))


def test_calico_node_runs_in_a_container(hosts: Machines) -> None:
    """The runtime is told environment, folder of certificates, node and image, and what it mounts is there before."""
    (docker,) = hosts.started("two", "docker")
    args = docker["args"]
    assert ["run", "--rm", "--name=calico-node"] == args[:3]
    assert {
        "--env-file=/etc/calico/calico-node.env",
        "--env=NODENAME=two",
        "--volume=/etc/etcd/pki:/etc/etcd/pki:ro",
        "--cpus=2",
    } < set(args)
    root = hosts.root("two")
    assert "IP=autodetect" in (root / "etc/calico/calico-node.env").read_text().splitlines()
    assert (root / "run/xtables.lock").is_file()
    assert all((root / folder).is_dir() for folder in ("var/run/calico", "var/lib/calico", "var/log/calico"))
    assert "quay.io/calico/node:v3.32.1" == args[-1]
    assert [] == hosts.started("two", "calico-felix")


def test_kube_controllers_run_as_a_unit(hosts: Machines) -> None:
    """With their certificate, and told not to compact."""
    (controllers,) = hosts.started("one", "kube-controllers")
    environ, root = controllers["environ"], hosts.root("one")
    assert str(root / "etc/etcd/pki/calico-kube-controllers.pem") == environ["ETCD_CERT_FILE"]
    assert ("0", "/etc/kubernetes/kube-controllers.conf") == (environ["COMPACTION_PERIOD"], environ["KUBECONFIG"])


def test_each_form_of_an_api_server(hosts: Machines) -> None:
    """Flags in the unit's command, and a pod patched in place; each server is ready before its turn ends."""
    before, after = hosts.started("one", "kube-apiserver")
    assert ["--v=2", "--etcd-servers=http://old:2379"] == before["args"]
    assert 1 == sum(each.startswith("--etcd-servers=") for each in after["args"])
    flags = dict(each.split("=", 1) for each in after["args"])
    assert ("2", "https://10.0.0.1:2379") == (flags["--v"], flags["--etcd-servers"])
    pki = "/etc/etcd/pki/kube-apiserver"
    assert (f"{pki}.pem", f"{pki}-key.pem") == (flags["--etcd-certfile"], flags["--etcd-keyfile"])
    assert ["daemon-reload", "restart kube-apiserver"] == [
        each for each in hosts.calls("one") if each.endswith(("daemon-reload", "kube-apiserver"))
    ][-2:]
    pod = hosts.root("two") / "etc/kubernetes/manifests/kube-apiserver.yaml"
    (container,) = yaml.safe_load(pod.read_text())["spec"]["containers"]
    assert f"--etcd-certfile={pki}.pem" in container["command"]
    assert 0o600 == _mode(pod)
    _, patched = hosts.started("two", "kube-apiserver")
    assert f"--etcd-certfile={pki}.pem" in patched["args"]
    for name in ROOTS:
        assert 3 <= hosts.asked(name, "/readyz")
        key = (hosts.root(name) / _KEY.format("kube-apiserver")).stat()
        assert (0o600, pwd.getpwnam(OWNER).pw_uid) == (key.st_mode & 0o777, key.st_uid)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize(
    ("name", "unit"),
    [("one", "calico-node"), ("two", "calico-node"), ("one", "kube-controllers"), ("one", "kube-apiserver")],
)
def test_systemd_takes_the_units(hosts: Machines, tmp_path: Path, name: str, unit: str) -> None:
    """With their drop-ins; one with a command that is none is refused by the same check."""
    root = hosts.root(name)
    folder = tmp_path / "units"
    shutil.copytree(root / "etc/systemd/system", folder, symlinks=True)
    file = folder / f"{unit}.service"
    files = [file, *(folder / f"{unit}.service.d").glob("*.conf")]
    for was, program, good in (("/usr/bin/", f"{root}/usr/bin/", True), (f"{root}/usr/bin/", "/nowhere/", False)):
        for each in files:
            text = each.read_text().replace(f"ExecStart={was}", f"ExecStart={program}")
            each.write_text(text.replace("=-/usr/bin/", f"=-{root}/usr/bin/"))
        command = ["systemd-analyze", "verify", "--man=no", str(file)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        mine = [line for line in ran.stderr.splitlines() if unit in line]
        assert good == (not mine), ran.stderr


def test_a_unit_whose_command_is_no_api_server_is_refused(hosts: Machines) -> None:
    """The flags would not reach it: said, and it is not restarted."""
    unit = hosts.root("one") / "etc/systemd/system/kube-apiserver.service"
    text = unit.read_text()
    unit.write_text("[Service]\nExecStart=/usr/local/bin/start-it\n")
    hosts.forget()
    try:
        refused = hosts.play("site.yml", "--limit", "localhost,one")
    finally:
        unit.write_text(text)
    assert 2 == refused.code
    assert "the command runs start-it, not kube-apiserver" in refused.text
    assert [] == hosts.calls("one")


def test_kubeadm_gets_a_file(hosts: Machines) -> None:
    """For whoever runs kubeadm; the pod that is there is left alone."""
    pod = (hosts.root("two") / "etc/kubernetes/manifests/kube-apiserver.yaml").read_bytes()
    played = hosts.play("site.yml", "-e", "kube_apiserver_form=kubeadm", "--limit", "localhost,two")
    assert 0 == played.code, played.text
    kubeadm = yaml.safe_load((hosts.root("two") / "etc/kubernetes/kubeadm-etcd.yaml").read_text())
    assert "/etc/etcd/pki/kube-apiserver.pem" == kubeadm["etcd"]["external"]["certFile"]
    assert pod == (hosts.root("two") / "etc/kubernetes/manifests/kube-apiserver.yaml").read_bytes()


def test_a_second_run_starts_nothing(hosts: Machines) -> None:
    """Whatever is installed and running is left alone."""
    hosts.forget()
    again = hosts.play("site.yml")
    assert (0, _QUIET) == (again.code, again.changed), again.text
    assert {name: [] for name in ROOTS} == {name: hosts.calls(name) for name in ROOTS}


def test_only_what_changed_is_restarted(hosts: Machines) -> None:
    """New certificates and comments restart nothing; a new image its container; new endpoints whatever reads them.

    Also where somebody disabled what runs; and the units are enabled again.
    """
    assert 0 == hosts.run("certs", "renew", "calico-node.one", "calico-node.two", "kube-apiserver").code
    for template in (hosts.project / "templates").glob("calico/*.env.j2"):
        template.write_text(f"# reworded\n{template.read_text()}")
    pod = hosts.root("two") / "etc/kubernetes/manifests/kube-apiserver.yaml"
    head = pod.read_text()
    pod.write_text("".join(line for line in head.splitlines(keepends=True) if not line.startswith("#")))
    servers = len(hosts.started("two", "kube-apiserver"))
    key = (hosts.root("one") / _KEY.format("calico-node.one")).read_bytes()
    renewed = _played(hosts)
    assert key != (hosts.root("one") / _KEY.format("calico-node.one")).read_bytes()
    assert {name: [] for name in ROOTS} == renewed
    assert (head, servers) == (pod.read_text(), len(hosts.started("two", "kube-apiserver")))

    own = hosts.project / "host_vars" / "two.yml"
    own.write_text(own.read_text().replace("v3.32.1", "v3.32.2"))
    other = _played(hosts)
    assert ([], ["daemon-reload", "restart calico-node"]) == (other["one"], other["two"][-2:])
    assert "start calico-node" not in other["two"]
    assert "quay.io/calico/node:v3.32.2" == hosts.started("two", "docker")[-1]["args"][-1]

    (hosts.folder / "ringfence.yaml").write_text(SPEC.replace("10.0.0.1", "10.0.0.2"))
    assert 0 == hosts.run("render", "ansible", "--out", "project").code
    wants = hosts.root("one") / "etc/systemd/system/multi-user.target.wants"
    for unit in ("calico-node", "kube-controllers"):
        (wants / f"{unit}.service").unlink()
    restarted = _played(hosts)
    assert {"calico-node.service", "kube-controllers.service"} == {path.name for path in wants.iterdir()}
    units = ("calico-node", "kube-controllers", "kube-apiserver")
    assert [f"restart {unit}" for unit in units] == [each for each in restarted["one"] if "restart" in each]
    assert ["restart calico-node"] == [each for each in restarted["two"] if "restart" in each]
    for program in ("calico-felix", "kube-controllers"):
        assert "https://10.0.0.2:2379" in hosts.started("one", program)[-1]["environ"].values()
    assert "--etcd-servers=https://10.0.0.2:2379" in hosts.started("one", "kube-apiserver")[-1]["args"]
    checked = hosts.play("site.yml", "--check", "--diff")
    assert (0, _QUIET) == (checked.code, checked.changed), checked.text


def _played(hosts: Machines) -> dict[str, list[str]]:
    """What a run asked of each service manager."""
    hosts.forget()
    played = hosts.play("site.yml")
    assert 0 == played.code, played.text
    return {name: hosts.calls(name) for name in ROOTS}


def test_new_authorities_restart_every_program(hosts: Machines) -> None:
    """Static pods as well, which the kubelet restarts because of a changed annotation."""
    authorities = hosts.folder / "pki/ca.pem"
    text = authorities.read_text()
    before, asked = len(hosts.started("two", "kube-apiserver")), hosts.asked("two", "/readyz")
    authorities.write_text(text + text)
    calls = _played(hosts)
    authorities.write_text(text)
    units = ("calico-node", "kube-controllers", "kube-apiserver")
    assert [f"restart {unit}" for unit in units] == [each for each in calls["one"] if "restart" in each]
    assert ["restart calico-node"] == [each for each in calls["two"] if "restart" in each]
    assert before + 1 == len(hosts.started("two", "kube-apiserver"))
    assert asked + 3 <= hosts.asked("two", "/readyz")


def test_a_node_that_does_not_stay_up_ends_the_run(hosts: Machines) -> None:
    """Before the next batch; once it would stay up, the next run starts it and goes on."""
    felix = hosts.root("one") / "usr/bin/calico-felix"
    good = felix.read_text()
    felix.write_text("#!/bin/sh\nexit 1\n")
    for file in ("felix.env", "calico-node.env"):
        template = hosts.project / f"templates/calico/{file}.j2"
        template.write_text(f"{template.read_text()}FELIX_LOGSEVERITYFILE=Warning\n")
    hosts.forget()
    try:
        ended = hosts.play("site.yml", "-e", "calico_node_serial=1")
    finally:
        felix.write_text(good)
    assert 2 == ended.code
    assert "calico-node does not stay up" in ended.text
    assert ["daemon-reload", "restart calico-node"] == hosts.calls("one")
    assert [] == hosts.calls("two")
    hosts.forget()
    again = hosts.play("site.yml", "-e", "calico_node_serial=1")
    assert 0 == again.code, again.text
    calls = {name: [each for each in hosts.calls(name) if each.endswith("calico-node")] for name in ROOTS}
    # The stand-in for systemd does not start by itself what has ended.
    assert {"one": ["start calico-node"], "two": ["restart calico-node"]} == calls


def test_check_before_anything_is_there_and_before_services_are_asked_for(tmp_path: Path) -> None:
    """It succeeds on bare hosts, and on hosts that have files and are to have services, and changes nothing."""
    with machines(tmp_path) as hosts:
        before = _everything(hosts)
        bare = hosts.play("site.yml", "--check", "--diff")
        assert 0 == bare.code, bare.text
        assert all(bare.changed[name] > 0 for name in ROOTS)
        assert before == _everything(hosts)
        off = ("-e", "calico_node_service=none", "-e", "kube_controllers_service=none")
        files = hosts.play("site.yml", *off)
        assert 0 == files.code, files.text
        before = _everything(hosts)
        checked = hosts.play("site.yml", "--check")
        assert 0 == checked.code, checked.text
        assert checked.changed["one"] > 0
        assert checked.changed["two"] > 0
        assert before == _everything(hosts)


def _everything(hosts: Machines) -> dict[str, bytes]:
    found = (path for name in ROOTS for path in hosts.root(name).rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in found}


def test_a_container_without_an_image_is_refused(tmp_path: Path) -> None:
    """The spec has no whole version of Calico and nobody names an image: said, and nothing is started."""
    with machines(tmp_path) as hosts:
        own = hosts.project / "host_vars" / "two.yml"
        own.write_text(own.read_text().replace('"calico_node_image": "quay.io/calico/node:v3.32.1"', '"unused": ""'))
        refused = hosts.play("site.yml", "--limit", "localhost,two")
        assert 2 == refused.code
        assert "set calico_node_image" in refused.text
        assert [] == hosts.calls("two")


def test_a_node_that_the_inventory_lacks_is_refused(hosts: Machines) -> None:
    """It is named, and no host is touched; a node that the spec lacks is tried in ``test_project``."""
    inventory = hosts.project / "inventory" / "ringfence.yml"
    text = inventory.read_text()
    inventory.write_text("".join(line for line in text.splitlines(keepends=True) if '"two"' not in line))
    hosts.forget()
    try:
        refused = hosts.play("site.yml")
    finally:
        inventory.write_text(text)
    assert 2 == refused.code
    assert "not in the inventory: two" in refused.text
    assert {"localhost"} == refused.changed.keys()
    assert {name: [] for name in ROOTS} == {name: hosts.calls(name) for name in ROOTS}
