"""The page for a cluster that is in use: its steps, typed on one that is, and what it says of the clients meanwhile."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from ringfence.local.binary import Binary, find
from tests.integration.cli.test_transcripts import played, steps
from tests.integration.docs.machine import NAMES, Machine, accepting
from tests.integration.site import Site, ringfence
from tests.integration.waiting import wait_until

PAGE = (Path(__file__).parents[3] / "docs" / "running-cluster.md").read_text(encoding="utf-8")
API_SERVER, SHARED = "kube-apiserver-etcd-client", "etcd-client"
"""Whose names the clients' certificates have before anybody thought of users: kubeadm's, and one for all others."""


def chapter(number: int) -> str:
    """A chapter of the page."""
    (text,) = re.findall(rf"^## {number}\. .*?(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL)
    return text


def blocks(number: int, language: str = "console") -> list[str]:
    """The code blocks of a chapter."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", chapter(number), flags=re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


class Cluster:
    """Three members that serve clients whose certificates come from an authority of their own; ``old`` has all that."""

    def __init__(self, folder: Path, etcd: Binary) -> None:
        self.machine = Machine.under(folder)
        self.site = self.machine.site(etcd)
        self.old = folder / "machine" / "old"
        self.old.mkdir()
        (spec,) = (text for text in blocks(2, "yaml") if "components:" in text)
        head, _, _ = spec.partition("pki:\n")
        before = f"components:\n  - {{name: {SHARED}, grants: [{{prefix: /, access: readwrite}}]}}\n"
        before += f"  - {{name: {API_SERVER}, grants: [{{prefix: x, access: read, beyond-slash: true}}]}}\n"
        ours = self.machine.placed(head).replace(str(folder / "pki"), str(self.old / "pki"))
        (self.old / "ringfence.yaml").write_text(ours + before)
        for words in (("certs", "issue"), ("render", "etcd", "--out", "etcd")):
            made = ringfence(*words, folder=self.old)
            assert 0 == made.code, made.err
        (folder / "authority").mkdir()
        for name, named in (("ca.pem", "ca.crt"), ("ca-key.pem", "ca.key")):
            shutil.copy(self.old / "pki" / name, folder / "authority" / named)
        self.site.spec.write_text(accepting(etcd, self.machine.placed(spec)))

    def play(self, number: int, block: int = 0) -> None:
        """Type the commands of a block of a chapter, a yes behind what asks; each ends as the page says."""
        for command, shown in steps(blocks(number)[block]):
            typed = re.sub(r"^(ringfence (?:apply|auth disable).*)", r"\1 --yes", self.machine.placed(command))
            assert "" == shown
            got = played(self.site, typed)
            assert command.startswith("ringfence plan ") == got.endswith("[exit 2]"), f"$ {typed}\n{got}"
            assert "[exit 1]" not in got, f"$ {typed}\n{got}"

    def etcdctl(self, who: Path, *words: str, url: str = "") -> subprocess.CompletedProcess[str]:
        """What somebody with that pair gets; ``who`` without ``.pem``."""
        return subprocess.run(
            [find("etcdctl").path, *self.flags(who, url), *words], capture_output=True, text=True, check=False
        )

    def flags(self, who: Path, url: str = "") -> list[str]:
        """etcdctl's, to show that pair."""
        shown = (f"--cacert={who.parent / 'ca.pem'}", f"--cert={who}.pem", f"--key={who}-key.pem")
        return [f"--endpoints={url or self.site.endpoints[0]}", *shown]

    def restart(self, name: str) -> None:
        """One member, and wait until all are healthy."""
        self.site.cluster.kill(name)
        self.site.cluster.restart(name)


@pytest.fixture
def cluster(tmp_path: Path, etcd: Binary) -> Cluster:
    """One that was not started yet."""
    return Cluster(tmp_path, etcd)


@contextmanager
def watching(cluster: Cluster, who: Path, prefix: str) -> Iterator[Path]:
    """``etcdctl watch``, and the file of what it is told."""
    told = cluster.old / "watch.txt"
    command = [find("etcdctl").path, *cluster.flags(who), "watch", "--prefix", prefix]
    with told.open("wb") as file, subprocess.Popen(command, stdout=file) as process:
        try:
            yield told
        finally:
            process.kill()


def test_its_steps(cluster: Cluster) -> None:
    """From members that ask for no certificate to a fence and back; who is not in the spec is cut off as it says."""
    old, new = cluster.old / "pki", cluster.site.pki
    for name in NAMES:
        text = (cluster.old / "etcd" / name / "etcd.conf.yml").read_text()
        cluster.machine.config(name).write_text(text.replace("client-cert-auth: true", "client-cert-auth: false", 1))
    with cluster.site.cluster, watching(cluster, old / SHARED, "/registry/") as told:
        assert [f"subject=CN={API_SERVER}", *NAMES] == seen_first(cluster)
        assert 0 == cluster.etcdctl(old / SHARED, "put", "/calico/a", "1").returncode
        cluster.play(2, 1)
        cluster.play(3, 0)
        for name in NAMES:
            cluster.machine.bring(name)
            cluster.restart(name)
            cluster.play(3, 1)
        for who, key in ((old / API_SERVER, "/registry/a"), (new / "calico", "/calico/a"), (old / SHARED, "/x")):
            assert 0 == cluster.etcdctl(who, "put", key, "2").returncode
        cluster.play(5, 0)
        cluster.play(5, 1)

        assert 0 == cluster.etcdctl(old / API_SERVER, "put", "/registry/after", "3").returncode
        assert 0 == cluster.etcdctl(new / "calico", "put", "/calico/a", "3").returncode
        assert "permission denied" in cluster.etcdctl(new / "calico", "get", "/registry/a").stderr
        assert "permission denied" in cluster.etcdctl(old / SHARED, "get", "/calico/a").stderr
        for command in re.findall(r"`(ringfence [^`]+)`", chapter(6)):
            shown = played(cluster.site, command + " --yes" * ("apply" in command))
            assert "[exit" not in shown, f"$ {command}\n{shown}"
        cluster.play(7, 0)
        assert 0 == cluster.etcdctl(old / SHARED, "get", "/calico/a").returncode
        wait_until(lambda: b"/registry/after" in told.read_bytes())
        for command in re.findall(r"`(ringfence [^`]+)`", chapter(7)):
            shown = played(cluster.site, f"{command} --yes")
            assert "[exit" not in shown, f"$ {command}\n{shown}"
        assert {} == cluster.site.state().users


def seen_first(cluster: Cluster) -> list[str]:
    """What the commands of the first chapter show of a client and the members."""
    (block,) = blocks(1, "sh")
    list_members, _, subject = (line.partition("#")[0].split() for line in block.splitlines())
    listed = cluster.etcdctl(cluster.old / "pki" / SHARED, *list_members[1:])
    certificate = str(cluster.old / "pki" / f"{API_SERVER}.pem")
    words = [certificate if word == "apiserver-etcd-client.crt" else word for word in subject]
    asked = subprocess.run(words, check=True, capture_output=True, text=True)
    return [asked.stdout.strip().replace(" ", ""), *sorted(re.findall(r"etcd-\d", listed.stdout))]


@pytest.mark.long
def test_the_guard_takes_the_switch_back(cluster: Cluster) -> None:
    """Without `auth confirm` auth is off after the time, as the page says."""
    cluster.play(2, 1)
    cluster.play(3, 0)
    for name in NAMES:
        cluster.machine.bring(name)
    with cluster.site.cluster:
        plan, apply = (command for command, _ in steps(blocks(5)[0]))
        assert "[exit 2]" in played(cluster.site, plan)
        shown = played(cluster.site, apply.replace("10m", "2s") + " --yes")
        assert "[exit" not in shown, shown
        wait_until(lambda: not cluster.site.as_root(lambda client: client.auth.enabled()))


def test_users_that_are_there(site: Site) -> None:
    """The spec that the page's `import` writes plans nothing."""
    site.fence()
    (line,) = (command for command, _ in steps(blocks(2)[0]))
    pki = {
        f"--{flag} {name}": f"--{flag} pki/{file}"
        for flag, name, file in (
            ("cacert", "ca.crt", "ca.pem"),
            ("cert", "root.crt", "root.pem"),
            ("key", "root.key", "root-key.pem"),
        )
    }
    for written, ours in {**pki, "https://10.0.0.1:2379": site.endpoints[0]}.items():
        assert written in line
        line = line.replace(written, ours)
    site.spec.unlink()
    assert "[exit" not in played(site, line)
    assert "In sync: nothing to change." == played(site, "ringfence plan")


@pytest.mark.long
def test_members_without_tls(cluster: Cluster) -> None:
    """Each is restarted twice, the second time with its peer URL changed: data stay, HTTP goes, and apply goes on."""
    machine, root = cluster.machine, cluster.site.pki / "root"
    moved = {f"https://127.0.0.1:{client}": f"https://127.0.0.1:{other}" for client, _, _, other in machine.ports}
    text = cluster.site.spec.read_text()
    for before, after in moved.items():
        text = text.replace(before, after)
    cluster.site.spec.write_text(text)
    cluster.play(2, 1)
    cluster.play(3, 0)
    (lines,) = blocks(3, "yaml")
    (update,) = re.findall(r"`etcdctl (member update [^`]+)`", PAGE)
    for name in NAMES:
        rendered = (machine.folder / "etcd" / name / "etcd.conf.yml").read_text()
        machine.config(name).write_text(without_tls(rendered, machine.ports[NAMES.index(name)][0]))
    (secure, *_), (http, *_) = moved.values(), (url.replace("https", "http") for url in moved)
    unnamed = [find("etcdctl").path, f"--endpoints={http}"]
    with cluster.site.cluster:
        subprocess.run([*unnamed, "put", "/calico/a", "1"], check=True, capture_output=True)
        for name in NAMES:
            machine.bring(name, **yaml.safe_load(machine.placed(of_member(name, lines))))
            cluster.restart(name)
        subprocess.run([*unnamed, "put", "/calico/a", "2"], check=True, capture_output=True)
        listed = [line.split(", ") for line in cluster.etcdctl(root, "member", "list", url=secure).stdout.splitlines()]
        numbers = {name: number for number, _, name, *_ in listed}
        for name in NAMES:
            words = machine.placed(of_member(name, update)).replace("ID", numbers[name]).split()
            for what in (words, ["endpoint", "health", "--cluster"]):
                done = cluster.etcdctl(root, *what, url=secure)
                assert 0 == done.returncode, done.stderr
                if what is words:
                    machine.bring(name)
                    cluster.restart(name)
        assert 0 != subprocess.run([*unnamed, "get", "/calico/a"], check=False, capture_output=True).returncode
        cluster.site.fence()
        assert "/calico/a\n2\n" == cluster.etcdctl(cluster.site.pki / "calico", "get", "/calico/a", url=secure).stdout


def of_member(name: str, text: str) -> str:
    """What the page says of the first member, for another one."""
    return text.replace("10.0.0.1", f"10.0.0.{NAMES.index(name) + 1}")


def without_tls(configuration: str, client: int) -> str:
    """A member's configuration before there was any, with the port that its clients know."""
    settings = yaml.safe_load(configuration.replace("https://", "http://"))
    kept = {key: value for key, value in settings.items() if not key.endswith("-transport-security")}
    url = f"http://127.0.0.1:{client}"
    return yaml.safe_dump({**kept, "listen-client-urls": url, "advertise-client-urls": url})
