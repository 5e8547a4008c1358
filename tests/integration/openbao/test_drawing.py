"""What pods may draw for themselves, on a real server: their own, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ringfence.errors import AuthorityError, Place
from ringfence.model.issuance import CertificateInfo
from ringfence.pki.describe import read_certificate
from ringfence.pki.openbao.login import JwtLogin, TokenLogin
from ringfence.pki.pem import PemFile
from tests.integration.openbao.conftest import Desk
from tests.integration.openbao.making import JwtIssuer
from tests.integration.openbao.pods import LONG, login_of, token, write_spec

SHORTENED = "calico-node.a-node-with-a-very-long-name-that-d-2b8fb518036d0c6a"
NODE = "ringfence-drawn-calico-node"


def _prepared(desk: Desk, issuer: JwtIssuer, *, kubernetes: str = "1.32", identity: str = "node") -> None:
    write_spec(desk, issuer, kubernetes=kubernetes, identity=identity)
    done = desk.prepare("--generate-root", "--yes")
    assert 0 == done.code, done.err


def _draw(desk: Desk, jwt: str, role: str, body: Mapping[str, object], account: str = "calico-node") -> CertificateInfo:
    login = JwtLogin(login_of(desk), f"ringfence-{account}", jwt)
    answer = desk.post(f"{desk.mount}/issue/{role}", body, login)
    return read_certificate(PemFile(answer.part("data").text("certificate").encode(), Place(role)))


def test_a_second_prepare_finds_nothing(desk: Desk) -> None:
    """Method, trust, login roles, roles and policies are as they should be; a widened role is noticed."""
    issuer = JwtIssuer()
    write_spec(desk, issuer)
    dry = desk.prepare("--generate-root", "--commands")
    assert 2 == dry.code, dry.err
    assert "auth enable" in dry.out
    _prepared(desk, issuer)
    again = desk.prepare()
    assert 0 == again.code, again.out
    desk.post(f"auth/{login_of(desk)}/role/ringfence-calico-node", {"role_type": "jwt", "user_claim": "sub"})
    assert "login role ringfence-calico-node: " in desk.prepare().out


def test_a_node_draws_its_own_and_nothing_else(desk: Desk) -> None:
    """Only the name changes, or the node in the token, or one parameter more."""
    issuer = JwtIssuer()
    _prepared(desk, issuer)
    n1, n2 = token(issuer, "n1"), token(issuer, "n2")
    own = {"common_name": "calico-node.n1", "exclude_cn_from_sans": True}
    drawn = _draw(desk, n1, NODE, own)
    assert (("calico-node.n1",), (), ("clientAuth",)) == (drawn.common_names, drawn.hosts, drawn.usages)
    assert ("calico-cni.n1",) == _draw(
        desk, n1, "ringfence-drawn-calico-cni", {"common_name": "calico-cni.n1"}
    ).common_names
    # A login from another node in between changes nothing for the first one.
    assert ("calico-node.n2",) == _draw(desk, n2, NODE, {"common_name": "calico-node.n2"}).common_names
    assert ("calico-node.n1",) == _draw(desk, n1, NODE, own).common_names
    for role, body in (
        (NODE, {"common_name": "calico-node.n2"}),
        (NODE, {"common_name": "root"}),
        (NODE, {"common_name": "calico-node"}),
        (NODE, {"common_name": "calico-node."}),
        (NODE, {"common_name": "calico-cni.n1"}),
        (NODE, {"common_name": "calico-node.n11"}),
        (NODE, {"common_name": "a.calico-node.n1"}),
        (NODE, {**own, "alt_names": "root"}),
        (NODE, {**own, "not_after": "2030-01-01T00:00:00Z"}),
        ("ringfence-root", {"common_name": "root"}),
        ("ringfence-client-calico-node.n1", own),
        ("ringfence-drawn-calico-kube-controllers", {"common_name": "calico-kube-controllers"}),
    ):
        with pytest.raises(AuthorityError):
            _draw(desk, n1, role, body)
    with pytest.raises(AuthorityError):
        _draw(desk, n2, NODE, own)


def test_the_last_login_does_not_count(desk: Desk) -> None:
    """Logged in from n1, then somebody from n2: the first still is n1, and is not n2."""
    issuer = JwtIssuer()
    _prepared(desk, issuer)
    logins = [
        desk.post(f"auth/{login_of(desk)}/login", {"role": "ringfence-calico-node", "jwt": token(issuer, node)})
        for node in ("n1", "n2")
    ]
    first = TokenLogin(logins[0].part("auth").text("client_token"))
    desk.post(f"{desk.mount}/issue/{NODE}", {"common_name": "calico-node.n1"}, first)
    with pytest.raises(AuthorityError, match="not allowed by this role"):
        desk.post(f"{desk.mount}/issue/{NODE}", {"common_name": "calico-node.n2"}, first)


def test_a_shortened_name_has_a_role_that_only_its_node_reaches(desk: Desk) -> None:
    """No template makes the hash, so the path of the policy holds the node."""
    issuer = JwtIssuer()
    _prepared(desk, issuer)
    role, body = f"{NODE}.{LONG}", {"common_name": SHORTENED}
    assert (SHORTENED,) == _draw(desk, token(issuer, LONG), role, body).common_names
    with pytest.raises(AuthorityError):
        _draw(desk, token(issuer, "n1"), role, body)
    with pytest.raises(AuthorityError):
        _draw(desk, token(issuer, LONG), role, {"common_name": "calico-node.n1"})


@pytest.mark.parametrize(
    ("node", "account", "audience", "life", "reason"),
    [
        (None, "calico-node", "openbao", 3600, 'claim "/kubernetes.io/node/name" not found'),
        ("n1", "default", "openbao", 3600, r"invalid subject \(sub\)"),
        ("n1", "calico-node", "vault", 3600, "audience"),
        ("n1", "calico-node", "openbao", -3600, "expired"),
    ],
)
def test_a_login_that_is_none(
    desk: Desk, node: str | None, account: str, audience: str, life: int, reason: str
) -> None:
    """A token without node, of another account, for another audience, or expired."""
    issuer = JwtIssuer()
    _prepared(desk, issuer)
    own = {"common_name": "calico-node.n1"}
    assert ("calico-node.n1",) == _draw(desk, token(issuer, "n1"), NODE, own).common_names
    with pytest.raises(AuthorityError, match=reason):
        _draw(desk, token(issuer, node, account, audience=audience, life=life), NODE, own)
    with pytest.raises(AuthorityError, match="JWT is refused"):
        _draw(desk, token(JwtIssuer(), "n1"), NODE, own)


def test_an_old_cluster_does_not_separate_its_nodes(desk: Desk) -> None:
    """It is said loudly; the pods get the names of all nodes, and still no other."""
    issuer = JwtIssuer()
    _prepared(desk, issuer, kubernetes="1.29")
    assert "nodes are not separated from each other" in desk.run("check").out
    old = token(issuer, None)
    for name in ("calico-node.n1", "calico-node.n2", SHORTENED):
        assert (name,) == _draw(desk, old, NODE, {"common_name": name}).common_names
    with pytest.raises(AuthorityError):
        _draw(desk, old, NODE, {"common_name": "calico-node.n3"})


def test_a_shared_identity_needs_no_node(desk: Desk) -> None:
    """All nodes draw one name, and that one alone."""
    issuer = JwtIssuer()
    _prepared(desk, issuer, identity="shared")
    assert ("calico-node",) == _draw(desk, token(issuer, None), NODE, {"common_name": "calico-node"}).common_names
    with pytest.raises(AuthorityError):
        _draw(desk, token(issuer, "n1"), NODE, {"common_name": "calico-node.n1"})


def test_nobody_says_how_tokens_are_believed(desk: Desk) -> None:
    """Neither the spec nor the server: refused before anything is changed."""
    write_spec(desk, JwtIssuer())
    spec = desk.folder / "ringfence.yaml"
    spec.write_text(spec.read_text().replace("keys: sa.pub, ", ""))
    refused = desk.prepare("--generate-root", "--yes")
    assert 1 == refused.code
    assert "nothing says how OpenBao is to believe the cluster's tokens" in refused.err
    assert f"{desk.mount}/" not in desk.get("sys/mounts").part("data").content
