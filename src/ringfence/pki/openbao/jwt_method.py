"""The JWT method of OpenBao, by which the pods of a Kubernetes cluster log in: mounted, trusting, with its roles."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ringfence.errors import CertificateError, InputError, Place
from ringfence.pki.openbao.change import Change
from ringfence.pki.openbao.client import Client
from ringfence.pki.openbao.pod_access import LoginRole

_JWT = "jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How the cluster's tokens are believed.

    Args:
        issuer: whom they must name as theirs; None for anybody.
        keys: the public keys that sign them, each PEM.
        discovery: the URL of an issuer that publishes its keys, in their place.
    """

    issuer: str | None = None
    keys: tuple[str, ...] = ()
    discovery: str | None = None

    @property
    def settings(self) -> Mapping[str, object]:
        """As the method calls them; none where nothing is said of keys."""
        issuer = {} if self.issuer is None else {"bound_issuer": self.issuer}
        if self.keys:
            return {"jwt_validation_pubkeys": list(self.keys), **issuer}
        return {} if self.discovery is None else {"oidc_discovery_url": self.discovery, **issuer}


async def accessor_of(client: Client, mount: str) -> str | None:
    """What policies call the method by; None where it is not mounted.

    Raises:
        AuthorityError: no answer, or a refusal.
        CertificateError: another kind of method is mounted there.
    """
    found = await client.read("sys/auth")
    methods = None if found is None else found.part("data")
    if methods is None or f"{mount}/" not in methods.content:
        return None
    method = methods.part(f"{mount}/")
    if (kind := method.text("type")) != _JWT:
        place = Place(f"{client.address}/v1/auth/{mount}")
        hint = "name another path: deliver.mount"
        raise CertificateError.of(f"a login of another kind is mounted there: {kind}", place=place, hint=hint)
    return method.text("accessor")


async def method_changes(client: Client, mount: str, trust: Trust, place: Place) -> tuple[Change, ...]:
    """What is to be done before pods can log in at all.

    Args:
        client: with a login that may manage methods.
        mount: the path.
        trust: how tokens are believed.
        place: where the spec could say so.

    Raises:
        AuthorityError: no answer, or a refusal.
        CertificateError: another kind of method is mounted there.
        InputError: nobody says how tokens are believed, neither the spec nor the server.
    """
    mounted = await accessor_of(client, mount) is not None
    changes: list[Change] = []
    if not mounted:

        async def enable() -> None:
            body = {"type": _JWT, "description": "pods that draw certificates of etcd"}
            await client.write(f"sys/auth/{mount}", body, repeatable=False)

        changes.append(Change(f"a login by JWT at {mount}", f"bao auth enable -path={mount} {_JWT}", enable))
    found = await client.read(f"auth/{mount}/config") if mounted else None
    there = {} if found is None else found.part("data").content
    if not trust.settings:
        if any(there.get(name) for name in ("jwt_validation_pubkeys", "oidc_discovery_url", "jwks_url")):
            return tuple(changes)
        hint = "add keys: FILE with the public keys of the cluster's service accounts, or discovery: URL of its issuer"
        raise InputError.of("nothing says how OpenBao is to believe the cluster's tokens", place=place, hint=hint)
    if _differing(trust.settings, there):
        changes.append(_write(client, f"auth/{mount}/config", trust.settings, f"whose tokens {mount} believes"))
    return tuple(changes)


async def login_role_changes(client: Client, mount: str, roles: Sequence[LoginRole]) -> tuple[Change, ...]:
    """The roles of the method that are not as they should be.

    Raises:
        AuthorityError: no answer, or a refusal.
    """
    mounted = await accessor_of(client, mount) is not None
    changes: list[Change] = []
    for role in roles:
        path = f"auth/{mount}/role/{role.name}"
        found = await client.read(path) if mounted else None
        differing = _differing(role.parameters, {} if found is None else found.part("data").content)
        if differing:
            told = "" if found is None else f": {', '.join(differing)}"
            about = f"login role {role.name}{told or ': ' + str(role.parameters['bound_subject'])}"
            changes.append(_write(client, path, role.parameters, about))
    return tuple(changes)


def _write(client: Client, path: str, body: Mapping[str, object], what: str) -> Change:
    async def write() -> None:
        await client.write(path, body)

    return Change(what, f"bao write {path} - <<'EOF'\n{json.dumps(body, indent=2)}\nEOF", write)


def _differing(wanted: Mapping[str, object], found: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(name for name, value in wanted.items() if name not in found or not _same(value, found[name]))


def _same(wanted: object, found: object) -> bool:
    if isinstance(wanted, list) and isinstance(found, list):
        return sorted(str(each).strip() for each in wanted) == sorted(str(each).strip() for each in found)
    return wanted == found or (not wanted and not found)
