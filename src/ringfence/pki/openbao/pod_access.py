"""Roles and policies for pods that draw their own certificates, and how they log in. Pure.

With a name for each node one role serves all nodes: the names that it allows hold the node of whoever asks, which
OpenBao takes from the login, never from the request. Templates work in ``allowed_domains`` and in the path of a policy,
not in the parameters that a policy allows; so it is the role that refuses, and it does not regard case. etcd does, and
two identities that differ in case alone are refused before (``names.unpinnable``).

The name of the alias that a login makes is the node, too (``user_claim``). With the service account in its place all
nodes would share one alias, and its metadata would be those of the last login: of another node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType, Validity
from ringfence.model.drawer import NODE_CLAIM, Drawer, DrawnIdentity
from ringfence.pki.issuing.authority import BACKDATED
from ringfence.pki.login import SHORT_LIFE
from ringfence.pki.openbao.names import policy_name
from ringfence.pki.openbao.policies import ISSUE, Policy, rule
from ringfence.pki.openbao.roles import Parameter, Role, role_for

TOKEN_LIFE = timedelta(hours=1)
"""Of a login. Agents log in again by themselves; nothing is kept on the server for it (``batch``)."""

_NODE = "node"
_FREE = ("exclude_cn_from_sans", "format", "private_key_format", "ttl")


@dataclass(frozen=True, slots=True)
class LoginRole:
    """A role of the JWT method: its name, and its parameters."""

    name: str
    parameters: Mapping[str, object]


def node_of(accessor: str) -> str:
    """The template of the node that somebody logged in from.

    Args:
        accessor: of the JWT method.
    """
    return f"{{{{identity.entity.aliases.{accessor}.metadata.{_NODE}}}}}"


def drawn_roles(drawer: Drawer, accessor: str, key_type: KeyType, life: timedelta) -> Iterator[Role]:
    """The PKI roles for all that pods of a service account draw.

    Args:
        drawer: the service account.
        accessor: of the JWT method.
        key_type: ``pki.key`` of the spec.
        life: of a certificate, at the longest.
    """
    for drawn in drawer.identities:
        if drawn.names is None:
            yield _role(drawn, drawn.role, (drawn.identity,), key_type, life)
        elif not drawer.separated:
            yield _role(drawn, drawn.role, tuple(drawn.names.values()), key_type, life)
        else:
            allowed = (f"{drawn.identity}.{node_of(accessor)}",)
            yield _role(drawn, drawn.role, allowed, key_type, life, templated=True)
            for node, name in drawn.shortened.items():
                yield _role(drawn, drawn.own_role(node), (name,), key_type, life)


def proof_role(drawn: DrawnIdentity, key_type: KeyType) -> Role:
    """The PKI role from which ``verify`` draws, since what pods draw never lies where it runs.

    No policy of a pod names it. Its certificates live for minutes, and it allows the names of all nodes by what they
    begin with: those of nodes that join later, too.
    """
    if drawn.names is None:
        return _role(drawn, drawn.proof_role, (drawn.identity,), key_type, SHORT_LIFE)
    role = _role(drawn, drawn.proof_role, (f"{drawn.identity}.*",), key_type, SHORT_LIFE)
    return Role(role.name, {**role.parameters, "allow_glob_domains": True})


def drawing_policy(mount: str, drawer: Drawer, accessor: str) -> Policy:
    """What pods of a service account may ask for; containers of one pod are not told apart.

    Args:
        mount: the path of the PKI engine.
        drawer: the service account.
        accessor: of the JWT method.
    """
    rules = [_authority(mount)]
    for drawn in drawer.identities:
        name = drawn.identity if drawn.names is None else ""
        parameters = {**dict.fromkeys(_FREE, ""), "common_name": name}
        rules.append(rule(f"{mount}/{ISSUE}/{drawn.role}", "allowed_parameters", parameters))
        if drawer.separated and drawn.shortened:
            # A role for each of these nodes, and the path of the policy leads everybody to their own.
            own = f"{mount}/{ISSUE}/{drawn.role}.{node_of(accessor)}"
            rules.append(rule(own, "allowed_parameters", parameters))
    return Policy(policy_name(mount, drawer.login_role), "\n".join(rules))


def login_role(mount: str, drawer: Drawer, audience: str) -> LoginRole:
    """How pods of a service account log in; a token without a node is refused where it has to have one.

    Args:
        mount: the path of the PKI engine.
        drawer: the service account.
        audience: what their tokens must be made for.
    """
    by_node = drawer.by_node
    return LoginRole(
        drawer.login_role,
        {
            "role_type": "jwt",
            "bound_audiences": [audience],
            "bound_subject": drawer.subject,
            "user_claim": NODE_CLAIM if by_node else "sub",
            "user_claim_json_pointer": by_node,
            "claim_mappings": {NODE_CLAIM: _NODE} if by_node else None,
            "token_policies": [policy_name(mount, drawer.login_role)],
            "token_no_default_policy": True,
            "token_type": "batch",
            "token_ttl": int(TOKEN_LIFE.total_seconds()),
            "token_max_ttl": int(TOKEN_LIFE.total_seconds()),
        },
    )


def _role(
    drawn: DrawnIdentity,
    name: str,
    allowed: tuple[str, ...],
    key_type: KeyType,
    life: timedelta,
    *,
    templated: bool = False,
) -> Role:
    request = CertificateRequest(name=drawn.identity, kind=CertificateKind.CLIENT, common_name=drawn.identity)
    plain = role_for(request, key_type, Validity(ca=life, member=life, client=life))
    own: dict[str, Parameter] = {
        "allowed_domains": allowed,
        "allowed_domains_template": templated,
        # An agent counts nine tenths of the time from `not before`: with a long one in the past they are over at once.
        "not_before_duration": int(min(BACKDATED, life / 2).total_seconds()),
    }
    return Role(name, {**plain.parameters, **own})


def _authority(mount: str) -> str:
    return f'path "{mount}/cert/ca" {{\n  capabilities = ["read"]\n}}\n'
