"""The real agent with what was rendered for it: it draws, renews, and says what is wrong when it cannot."""

from __future__ import annotations

import asyncio
import contextlib
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ringfence.errors import AccessDenied
from ringfence.etcd.client import Client
from ringfence.local.binary import Binary
from ringfence.local.cluster import LocalCluster
from ringfence.model.credentials import Credentials
from tests.integration.openbao.conftest import Desk
from tests.integration.openbao.making import JwtIssuer
from tests.integration.openbao.pods import LONG, Pod, token, write_spec
from tests.integration.openbao.stage import accept_holes, member
from tests.integration.waiting import wait_until

SECONDS = 12


@pytest.fixture
def issuer() -> JwtIssuer:
    """Who signs the tokens of a cluster."""
    return JwtIssuer()


@pytest.fixture
def ready(desk: Desk, issuer: JwtIssuer) -> Desk:
    """A desk whose server is prepared for pods that draw."""
    write_spec(desk, issuer)
    done = desk.prepare("--generate-root", "--yes")
    assert 0 == done.code, done.err
    return desk


def _names(pair: Path) -> tuple[str, ...]:
    """The Common Names of the certificates in a file, after its key was found to be that of the first."""
    content = pair.read_bytes()
    chain = x509.load_pem_x509_certificates(content)
    key = load_pem_private_key(content[content.index(b"-----BEGIN EC PRIVATE KEY") :], None)
    assert chain[0].public_key() == key.public_key()
    return tuple(str(each.subject.rfc4514_string()) for each in chain)


@pytest.mark.parametrize(
    ("workload", "node", "folders", "mode"),
    [
        ("calico-node", "n1", {"node": "CN=calico-node.n1", "cni": "CN=calico-cni.n1"}, 0o600),
        ("calico-node", LONG, {"node": "CN=calico-node.a-node-with-a-very-long-name-that-d-2b8fb518036d0c6a"}, 0o600),
        ("calico-kube-controllers", "n2", {"controllers": "CN=calico-kube-controllers"}, 0o440),
    ],
)
def test_the_first_one_fetches_everything_and_ends(
    ready: Desk, issuer: JwtIssuer, workload: str, node: str, folders: dict[str, str], mode: int
) -> None:
    """Certificate, chain and key in one file that only its owner reads (kube-controllers: also its group); the CA."""
    pod = Pod.rendered(ready, workload, node)
    pod.give(token(issuer, node, workload))
    done = pod.first()
    assert 0 == done.returncode, done.stdout + done.stderr
    for folder, name in folders.items():
        pair, authority = pod.folder / folder / "etcd.pem", pod.folder / folder / "etcd-ca"
        assert name == _names(pair)[0]
        assert mode == stat.S_IMODE(pair.stat().st_mode)
        (ca,) = x509.load_pem_x509_certificates(authority.read_bytes())
        x509.load_pem_x509_certificate(pair.read_bytes()).verify_directly_issued_by(ca)


@pytest.mark.parametrize(
    ("node", "claimed", "account", "said"),
    [
        ("n1", None, "calico-node", 'claim "/kubernetes.io/node/name" not found in token'),
        ("n1", "n1", "default", "invalid subject"),
        ("n1", "n2", "calico-node", "common name calico-node.n1 not allowed by this role"),
    ],
    ids=["no node claim", "another account", "another node"],
)
def test_the_first_one_ends_with_the_reason(
    ready: Desk, issuer: JwtIssuer, node: str, claimed: str | None, account: str, said: str
) -> None:
    """The pod does not start, its log says why, and no file of a key is there."""
    pod = Pod.rendered(ready, "calico-node", node)
    pod.give(token(issuer, claimed, account))
    done = pod.first()
    assert 0 != done.returncode
    assert said in done.stdout + done.stderr
    assert [] == list((pod.folder / "node").glob("*.pem"))


def test_the_one_that_stays_keeps_what_is_there_and_tries_again(ready: Desk, issuer: JwtIssuer) -> None:
    """Without a login nothing is lost, and as soon as the token is good again the certificate is renewed."""
    pod = Pod.rendered(ready, "calico-node", "n1", seconds=SECONDS)
    pod.give(token(issuer, "n1"))
    assert 0 == pod.first().returncode
    before = (pod.folder / "node" / "etcd.pem").read_bytes()
    pod.give(token(issuer, None))
    with pod.always() as agent:
        wait_until(lambda: "not found in token" in (pod.folder / "always.log").read_text())
        assert agent.poll() is None
        assert before == (pod.folder / "node" / "etcd.pem").read_bytes()
        pod.give(token(issuer, "n1"))
        wait_until(lambda: before != (pod.folder / "node" / "etcd.pem").read_bytes(), 120)
    assert "CN=calico-node.n1" == _names(pod.folder / "node" / "etcd.pem")[0]


@contextlib.contextmanager
def _fenced(desk: Desk, etcd: Binary) -> Iterator[str]:
    """A real etcd with the fence of the spec; its endpoint."""
    accept_holes(desk, etcd)
    for verb in (("certs", "issue"), ("render", "etcd", "--out", "etcd")):
        ran = desk.run(*verb)
        assert 0 == ran.code, ran.err
    with LocalCluster(etcd.path, [member(desk)]):
        fenced = desk.run("-o", "json", "apply", "--yes")
        assert 0 == fenced.code, fenced.err + fenced.out
        yield yaml.safe_load((desk.folder / "ringfence.yaml").read_text())["cluster"]["endpoints"][0]


async def _use(endpoint: str, folder: Path) -> None:
    """Write what the node may write, with what lies in the folder now, and be refused the rest."""
    pair = (folder / "etcd.pem").read_bytes()
    own = Credentials((folder / "etcd-ca").read_bytes(), pair, pair)
    async with Client(endpoint, own) as client:
        await client.keys.put(b"/calico/ipam/v2/host/n1/a", b"1")
        with pytest.raises(AccessDenied):
            await client.keys.put(b"/registry/a", b"1")


def test_it_is_renewed_twice_and_used_all_the_time(ready: Desk, issuer: JwtIssuer, etcd: Binary) -> None:
    """A reader in a loop never meets a key beside another certificate, and etcd takes each of three certificates."""
    with _fenced(ready, etcd) as endpoint:
        pod = Pod.rendered(ready, "calico-node", "n1", seconds=SECONDS)
        pod.give(token(issuer, "n1"))
        assert 0 == pod.first().returncode
        folder, seen, reads = pod.folder / "node", dict[bytes, None](), 0
        deadline = time.monotonic() + 240
        with pod.always():
            while len(seen) < 3:
                assert time.monotonic() < deadline, (pod.folder / "always.log").read_text()
                content = (folder / "etcd.pem").read_bytes()
                assert "CN=calico-node.n1" == _names(folder / "etcd.pem")[0]
                assert 0o600 == stat.S_IMODE((folder / "etcd.pem").stat().st_mode)
                if content not in seen:
                    asyncio.run(_use(endpoint, folder))
                    seen[content] = None
                reads += 1
        assert reads > 100
