"""What only pods log in as is issued nowhere here, and is tried out all the same, with certificates for minutes."""

from __future__ import annotations

import pytest

from ringfence.errors import AuthorityError
from ringfence.local.binary import Binary
from ringfence.local.cluster import LocalCluster
from ringfence.pki.openbao.login import JwtLogin
from tests.integration.openbao.conftest import Desk
from tests.integration.openbao.making import JwtIssuer, csr
from tests.integration.openbao.pods import LONG, login_of, token, write_spec
from tests.integration.openbao.stage import accept_holes, member


@pytest.fixture
def issuer() -> JwtIssuer:
    """Who signs the tokens of a cluster."""
    return JwtIssuer()


@pytest.fixture
def ready(desk: Desk, issuer: JwtIssuer) -> Desk:
    """A desk whose server is prepared for pods that draw, and all that is issued here."""
    write_spec(desk, issuer)
    for done in (desk.prepare("--generate-root", "--yes"), desk.run("certs", "issue")):
        assert 0 == done.code, done.err
    return desk


def test_nothing_is_issued_for_what_pods_draw(ready: Desk) -> None:
    """Neither a file nor a role for each node: members, root and the API server alone."""
    assert {"ca", "root", "etcd-1-server", "etcd-1-peer", "kube-apiserver"} == {
        path.stem for path in (ready.folder / "pki").glob("*.pem") if not path.stem.endswith("-key")
    }
    roles = ready.ask(lambda client: client.list(f"{ready.mount}/roles"))
    drawn = {f"calico-{name}" for name in ("node", "cni", "kube-controllers")}
    shortened = {f"ringfence-drawn-calico-{name}.{LONG}" for name in ("node", "cni")}
    assert {
        *("ringfence-root", "ringfence-server-etcd-1-server", "ringfence-peer-etcd-1-peer"),
        "ringfence-client-kube-apiserver",
        *(f"ringfence-{kind}-{name}" for kind in ("drawn", "proof") for name in drawn),
        *shortened,
    } == set(roles)
    listed = ready.run("-o", "json", "certs", "list")
    assert 0 == listed.code, listed.out


def test_a_pod_cannot_draw_for_the_proof(ready: Desk, issuer: JwtIssuer) -> None:
    """Its own role signs its node; the role of the proof is for whoever issues, and for names of nodes alone."""
    pod = JwtLogin(login_of(ready), "ringfence-calico-node", token(issuer, "n1"))
    own = {"common_name": "calico-node.n1"}
    ready.post(f"{ready.mount}/issue/ringfence-drawn-calico-node", own, pod)
    for way, body in (("issue", own), ("sign", {**own, "csr": csr()})):
        with pytest.raises(AuthorityError):
            ready.post(f"{ready.mount}/{way}/ringfence-proof-calico-node", body, pod)
    mine = ready.token_with(f"{ready.mount}.ringfence-issuer")
    path = f"{ready.mount}/sign/ringfence-proof-calico-node"
    ready.post(path, {"csr": csr(), "common_name": "calico-node.n2"}, mine)
    for name in ("root", "calico-node", "calico-cni.n1", "kube-apiserver"):
        with pytest.raises(AuthorityError):
            ready.post(path, {"csr": csr(), "common_name": name}, mine)
    with pytest.raises(AuthorityError):
        ready.post(path, {"csr": csr(), "common_name": "calico-node.n2", "not_after": "2030-01-01T00:00:00Z"}, mine)


def test_what_pods_log_in_as_is_proved(ready: Desk, etcd: Binary) -> None:
    """With OpenBao each node's identity is tried on a real etcd; without a login to it that is said, by name."""
    accept_holes(ready, etcd)
    assert 0 == ready.run("render", "etcd", "--out", "etcd").code
    with LocalCluster(etcd.path, [member(ready)]):
        fenced = ready.run("-o", "json", "apply", "--yes")
        assert 0 == fenced.code, fenced.err + fenced.out
        proved = ready.run("-o", "json", "verify")
        assert 0 == proved.code, proved.err + proved.out
        assert {"(unknown name)"} == {each["identity"] for each in proved.json["unproven"]}
        (ready.folder / "token").unlink()
        unproved = ready.run("-o", "json", "verify")
    assert 0 == unproved.code, unproved.err
    why = {each["identity"]: each["why"] for each in unproved.json["unproven"]}
    assert {"calico-node.n1", "calico-cni.n2", "calico-kube-controllers"} < why.keys()
    assert "its pods draw its certificate, and none could be drawn for the proof" in why["calico-node.n1"]
    assert "its roles were read back" in why["calico-node.n1"]
