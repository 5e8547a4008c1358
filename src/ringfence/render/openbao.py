"""What OpenBao, or Vault, has to hold for pods that draw certificates: files, and scripts that put them there and back.

``certs prepare`` does the same from the spec and sees what differs. The files are for those who bring such things to
their server by tools of their own, or want to read them first. Nothing in them is secret.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ringfence.render.usage import Usage, head

APPLY, UNDO = "apply.sh", "undo.sh"

Parameters = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAccess:
    """Roles and policies of one server, each by its name.

    Args:
        program: the command that talks to it, ``bao`` or ``vault``.
        engine: the path of the PKI engine, which is there already.
        login: the path of the JWT method.
        accessor: what stands in roles and policies for what the server calls that method.
        trust: whose tokens the method believes; None where that is said elsewhere.
        login_roles: roles of the method.
        pki_roles: roles of the engine.
        policies: as text.
    """

    program: str
    engine: str
    login: str
    accessor: str
    trust: Parameters | None
    login_roles: Mapping[str, Parameters]
    pki_roles: Mapping[str, Parameters]
    policies: Mapping[str, str]


def access_files(access: ServerAccess) -> dict[str, str]:
    """The files by their path: JSON for roles, HCL for policies, and the two scripts."""
    trust = {} if access.trust is None else {"login.json": _json(access.trust)}
    return {
        APPLY: _script(f"what pods need of {access.program}", _applied(access)),
        UNDO: _script(f"the way back from what pods need of {access.program}", _undone(access)),
        **trust,
        **{f"login-roles/{name}.json": _json(role) for name, role in access.login_roles.items()},
        **{f"pki-roles/{name}.json": _json(role) for name, role in access.pki_roles.items()},
        **{f"policies/{name}.hcl": text for name, text in access.policies.items()},
    }


def _script(title: str, lines: Iterator[str]) -> str:
    usage = Usage(
        title=f"Writes {title}",
        apply=(f"`sh {APPLY}`, logged in as somebody who may write policies, methods and roles; as often as you like",),
        undo=(f"`sh {UNDO}`",),
    )
    return "".join(f"{line}\n" for line in ("#!/bin/sh", *head(usage).splitlines(), *lines))


def _applied(access: ServerAccess) -> Iterator[str]:
    program, login = access.program, access.login
    method = shlex.quote(f"sys/auth/{login}")
    yield "set -eu"
    yield 'cd "$(dirname "$0")"'
    yield f"{program} read {shlex.quote(f'{access.engine}/cert/ca')} >/dev/null  # the engine, with its CA"
    yield f"{program} read {method} >/dev/null 2>&1 ||"
    yield f"  {program} auth enable -path={shlex.quote(login)} -description='pods that draw certificates of etcd' jwt"
    if access.trust is not None:
        yield f"{program} write {shlex.quote(f'auth/{login}/config')} @login.json"
    yield "# What the server calls the method is known only now."
    yield f"accessor=$({program} read -field=accessor {method})"
    yield f'named() {{ sed "s/aliases\\.{access.accessor}\\./aliases.$accessor./g" "$1"; }}'
    for name in access.pki_roles:
        target = shlex.quote(f"{access.engine}/roles/{name}")
        yield f"named {shlex.quote(f'pki-roles/{name}.json')} | {program} write {target} -"
    for name in access.policies:
        yield f"named {shlex.quote(f'policies/{name}.hcl')} | {program} policy write {shlex.quote(name)} -"
    for name in access.login_roles:
        target = shlex.quote(f"auth/{login}/role/{name}")
        yield f"{program} write {target} @{shlex.quote(f'login-roles/{name}.json')}"


def _undone(access: ServerAccess) -> Iterator[str]:
    """The login first, so that nobody is left half-way; the method stays, since others may have come to use it."""
    yield "set -eu"
    for name in access.login_roles:
        yield f"{access.program} delete {shlex.quote(f'auth/{access.login}/role/{name}')}"
    for name in access.policies:
        yield f"{access.program} policy delete {shlex.quote(name)}"
    for name in access.pki_roles:
        yield f"{access.program} delete {shlex.quote(f'{access.engine}/roles/{name}')}"
    off = f"{access.program} auth disable {shlex.quote(access.login)}"
    yield f"echo {shlex.quote(f'the method is left, with nobody who could log in; to remove it: {off}')}"


def readme(access: ServerAccess, manifest: str, agents: Sequence[str]) -> str:
    """What the folder is, for whoever finds it.

    Args:
        access: what lies in ``openbao/``.
        manifest: the file beside it.
        agents: the folders in ``agent/``, which are what the ConfigMaps of the manifest hold.
    """
    trust = (
        "Whose tokens are believed is not said here: write " + f"`auth/{access.login}/config` on the server first, "
        "or give the spec `keys` or `discovery`, and render again."
        if access.trust is None
        else "`login.json` says whose tokens are believed."
    )
    return f"""\
# Pods that draw their certificates, written by ringfence

Apply, with a login to the server that may write policies, methods and roles (address and token as always: `BAO_ADDR`,
`BAO_TOKEN`, `BAO_NAMESPACE`, or Vault's). The engine `{access.engine}` and its CA must be there
(`ringfence certs prepare`).

    sh openbao/{APPLY}
    kubectl apply -f {manifest}

Undo, in the other order: the manifest as it was first, so that no pod waits for a login that is gone.

    kubectl apply -f THE-FORMER-MANIFEST
    sh openbao/{UNDO}

`openbao/login-roles` are roles of the JWT method `{access.login}`, `openbao/pki-roles` those of the engine, with the
names that they sign; `openbao/policies` is what a login may ask for.
{trust}
`{access.accessor}` in them stands for what the server calls the method; `{APPLY}` puts it in.
`ringfence certs prepare` compares all of it with the server.

`agent/` ({", ".join(agents)}) is what the ConfigMaps of `{manifest}` hold:
the configuration, `first.hcl` for the init container and `always.hcl` for the one that stays, and the templates.
It is applied with the manifest.
"""


def _json(parameters: Parameters) -> str:
    return json.dumps(parameters, indent=2) + "\n"
