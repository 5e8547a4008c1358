"""Behind the fence, each identity with its own certificate: by our client, and by etcdctl as its users have it."""

from __future__ import annotations

import os
import subprocess

import pytest

from ringfence.errors import AccessDenied
from ringfence.etcd.client import Client
from ringfence.keyspace import Span
from ringfence.local.binary import find
from tests.integration.site import Site

KEYS = {"kube-apiserver": b"/registry/", "calico": b"/calico/", "inventory": b"/inventory/"}


@pytest.mark.parametrize("identity", KEYS)
def test_own_keys_and_no_others(site: Site, identity: str) -> None:
    """Counting and writing in a segment works for its owner and is denied to everybody else."""
    site.fence()
    for owner, prefix in KEYS.items():

        async def count(client: Client, prefix: bytes = prefix) -> int:
            return await client.keys.count(Span.of_prefix(prefix))

        async def write(client: Client, prefix: bytes = prefix) -> None:
            await client.keys.put(prefix + b"thing", b"written")

        if owner == identity:
            site.as_user(identity, write)
            assert 1 == site.as_user(identity, count)
            continue
        for act in (count, write):
            with pytest.raises(AccessDenied):
                site.as_user(identity, act)


def etcdctl(site: Site, identity: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run etcdctl as an identity, against all members."""
    files = {"CACERT": "ca.pem", "CERT": f"{identity}.pem", "KEY": f"{identity}-key.pem"}
    env = {f"ETCDCTL_{name}": str(site.pki / file) for name, file in files.items()}
    env |= {"ETCDCTL_API": "3", "ETCDCTL_ENDPOINTS": ",".join(site.endpoints)}
    program = str(find("etcdctl").path)
    return subprocess.run(
        [program, *args], env={**os.environ, **env}, capture_output=True, text=True, timeout=30, check=False
    )


def test_etcdctl_with_calicos_certificate(site: Site) -> None:
    """etcdctl as calico lists /calico/ and is told that /registry/ is not for it."""
    site.fence()
    assert 0 == etcdctl(site, "kube-apiserver", "put", "/registry/secrets/a", "hidden").returncode
    assert 0 == etcdctl(site, "calico", "put", "/calico/v1/a", "seen").returncode
    own = etcdctl(site, "calico", "get", "--prefix", "/calico/")
    assert (0, "/calico/v1/a\nseen\n") == (own.returncode, own.stdout)
    other = etcdctl(site, "calico", "get", "--prefix", "/registry/")
    assert (1, "") == (other.returncode, other.stdout)
    assert "permission denied" in other.stderr


def test_the_etcdctl_lines_of_a_plan_do_what_apply_does(site: Site) -> None:
    """Typing the commands that the plan shows, one after the other, leaves nothing to plan."""
    lines = [each["etcdctl"] for each in site.run("plan", "-o", "json").json["changes"]]
    for line in lines:
        program, *words = line.split()
        assert "etcdctl" == program
        typed = etcdctl(site, "root", *words)
        assert 0 == typed.returncode, (line, typed.stderr)
    assert (0, 0) == (site.run("plan").code, site.run("verify").code)
