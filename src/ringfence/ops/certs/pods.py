"""What ``certs prepare`` does for pods that draw their own certificates; nothing where the spec has none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ringfence.errors import FileError, Place
from ringfence.ops.certs.life import drawn_life
from ringfence.pki.folder.store import read_file
from ringfence.pki.openbao.change import Change
from ringfence.pki.openbao.client import Client
from ringfence.pki.openbao.jwt_method import Trust, accessor_of, login_role_changes, method_changes
from ringfence.pki.openbao.pod_access import drawing_policy, drawn_roles, login_role, proof_role
from ringfence.pki.openbao.policies import Policy
from ringfence.pki.openbao.roles import Role
from ringfence.spec.shape import Calico, Spec
from ringfence.spec.ways import ClusterTrust
from ringfence.wanted.components.drawers import drawers, drawn_alone

_PUBLIC_KEY = re.compile(
    r"-----BEGIN (?P<kind>[A-Z ]*(?:PUBLIC KEY|CERTIFICATE))-----.+?-----END (?P=kind)-----", re.DOTALL
)
NO_ACCESSOR = "ACCESSOR"
"""In the place of what the server calls the method before it is there; nothing is written to a server with it."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """``method`` has to be done first; ``logins`` in any order with roles and policies."""

    method: tuple[Change, ...] = ()
    roles: tuple[Role, ...] = ()
    policies: tuple[Policy, ...] = ()
    logins: tuple[Change, ...] = ()


async def look_at_drawing(client: Client, spec: Spec, mount: str) -> Drawing:
    """What there has to be, and what of it is not on the server yet.

    Args:
        client: with a login that may manage methods.
        spec: with or without pods that draw.
        mount: the path of the PKI engine.

    Raises:
        AuthorityError: no answer, or a refusal.
        CertificateError: another kind of login is mounted at the path.
        InputError: nothing says how tokens are believed.
        FileError: the file with the cluster's keys cannot be read, or holds none.
    """
    component = next((each for each in spec.components if isinstance(each, Calico)), None)
    delivery = None if component is None else component.deliver
    if component is None or delivery is None or not delivery.way.is_agent:
        return Drawing()
    accessor = await accessor_of(client, delivery.mount) or NO_ACCESSOR
    found, life = drawers(spec, component), drawn_life(spec, delivery)
    return Drawing(
        method=await method_changes(client, delivery.mount, trust_of(delivery.trust), delivery.place),
        roles=(
            *(role for each in found for role in drawn_roles(each, accessor, spec.pki.key, life)),
            *(proof_role(each, spec.pki.key) for each in drawn_alone(spec)),
        ),
        policies=tuple(drawing_policy(mount, each, accessor) for each in found),
        logins=await login_role_changes(
            client, delivery.mount, [login_role(mount, each, delivery.audience) for each in found]
        ),
    )


def trust_of(trust: ClusterTrust) -> Trust:
    """How the tokens of the cluster are believed, with the public keys read from their file.

    Raises:
        FileError: the file cannot be read, or holds no public key.
    """
    keys = () if trust.keys is None else _public_keys(trust.keys)
    return Trust(issuer=trust.issuer, keys=keys, discovery=trust.discovery)


def _public_keys(path: Path) -> tuple[str, ...]:
    content = read_file(path, private=False).content.decode("ascii", "replace")
    keys = tuple(found[0] for found in _PUBLIC_KEY.finditer(content))
    if not keys:
        hint = "name the PEM file of the public keys (sa.pub of the control plane)"
        raise FileError.of("there is no public key in it", place=Place(str(path)), hint=hint)
    return keys
