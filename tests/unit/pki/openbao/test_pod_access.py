"""Roles, policies and logins of pods that draw for themselves, as values."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ringfence.model.certificate import KeyType
from ringfence.model.drawer import NODE_CLAIM, Drawer, DrawnIdentity
from ringfence.model.names import NodeName, UserName
from ringfence.pki.openbao.pod_access import drawing_policy, drawn_roles, login_role

PLAIN = {NodeName("n1"): UserName("node.n1")}
LONG = {**PLAIN, NodeName("long"): UserName("node.hash")}
TEMPLATE = "{{identity.entity.aliases.jwt_1.metadata.node}}"


def _drawer(names: dict[NodeName, UserName] | None, *, separated: bool = True) -> Drawer:
    identity = DrawnIdentity(identity=UserName("node"), names=names)
    return Drawer(account="calico-node", namespace="kube-system", identities=(identity,), separated=separated)


@pytest.mark.parametrize(
    ("drawer", "expected"),
    [
        (_drawer(None), {"ringfence-drawn-node": (("node",), False)}),
        (_drawer(PLAIN), {"ringfence-drawn-node": ((f"node.{TEMPLATE}",), True)}),
        (
            _drawer(LONG),
            {
                "ringfence-drawn-node": ((f"node.{TEMPLATE}",), True),
                "ringfence-drawn-node.long": (("node.hash",), False),
            },
        ),
        (_drawer(LONG, separated=False), {"ringfence-drawn-node": (("node.n1", "node.hash"), False)}),
    ],
    ids=["shared", "by node", "shortened", "old cluster"],
)
def test_what_roles_sign(drawer: Drawer, expected: dict[str, tuple[tuple[str, ...], bool]]) -> None:
    """One role for all nodes, whose names come from the login; one more for each shortened name."""
    roles = drawn_roles(drawer, "jwt_1", KeyType.ECDSA_P256, timedelta(hours=1))
    found = {
        role.name: (role.parameters["allowed_domains"], role.parameters["allowed_domains_template"]) for role in roles
    }
    assert expected == found


@pytest.mark.parametrize("names", [None, PLAIN, LONG])
def test_roles_are_as_closed_as_others(names: dict[NodeName, UserName] | None) -> None:
    """Clients alone, host names alone, and no longer than the life that was asked for."""
    for role in drawn_roles(_drawer(names), "jwt_1", KeyType.ECDSA_P256, timedelta(minutes=1)):
        wanted = {
            "server_flag": False,
            "client_flag": True,
            "cn_validations": ("hostname",),
            "allow_glob_domains": False,
            "allow_subdomains": False,
            "max_ttl": 60,
            "not_before_duration": 30,
        }
        assert wanted == {name: role.parameters[name] for name in wanted}


@pytest.mark.parametrize(
    ("names", "inside", "outside"),
    [
        (None, '"common_name" = ["node"]', TEMPLATE),
        (PLAIN, '"common_name" = []', TEMPLATE),
        (LONG, f'path "pki/issue/ringfence-drawn-node.{TEMPLATE}"', "denied"),
    ],
)
def test_a_policy_names_what_may_be_asked(names: dict[NodeName, UserName] | None, inside: str, outside: str) -> None:
    """The name itself where all nodes share it; the path to a role of one's own where names are shortened."""
    policy = drawing_policy("pki", _drawer(names), "jwt_1")
    assert "pki.ringfence-calico-node" == policy.name
    assert (inside in policy.text, outside in policy.text) == (True, False)
    assert "alt_names" not in policy.text


@pytest.mark.parametrize(
    ("drawer", "claim", "mapped"),
    [
        (_drawer(PLAIN), NODE_CLAIM, {NODE_CLAIM: "node"}),
        (_drawer(PLAIN, separated=False), "sub", None),
        (_drawer(None), "sub", None),
    ],
)
def test_the_alias_of_a_login_is_the_node(drawer: Drawer, claim: str, mapped: dict[str, str] | None) -> None:
    """With the account in its place nodes would share an alias, and with it the node of the last login."""
    parameters = login_role("pki", drawer, "openbao").parameters
    assert (claim, mapped) == (parameters["user_claim"], parameters["claim_mappings"])
    assert "system:serviceaccount:kube-system:calico-node" == parameters["bound_subject"]
    assert parameters["token_no_default_policy"] is True
