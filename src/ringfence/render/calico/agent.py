"""The configuration of OpenBao's agent (and Vault's, whose words are the same) that draws certificates for a pod.

Each identity is one file, ``etcd.pem``, with certificate, chain and key of one answer of the server: the agent writes
it beside and renames it, so nobody reads half of it or a key beside another certificate. Go reads both from one file
(``tls.LoadX509KeyPair`` looks for the blocks that it needs). The CA is a file of its own because etcd's client takes
every block of that one for a certificate. A program that opens ``etcd.pem`` twice, once for each, may still meet a
renewal in between: it fails to connect, and the next attempt holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePosixPath

PAIR, CA = "etcd.pem", "etcd-ca"
"""What the agent writes: certificate, chain and key in one, and the CA."""

FIRST, ALWAYS = "first.hcl", "always.hcl"
"""The two configurations: of the one that ends when all is there or cannot be had, and of the one that stays."""

SERVER_CA = "server-ca.pem"
"""Who signed the certificate of the server that the agent talks to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """One identity that the agent draws.

    Args:
        identity: its name, or what the names of all nodes begin with.
        role: the PKI role that signs it.
        by_node: whether the name ends in that of the node (variable ``NODE_NAME``).
        others: nodes with another name and role than that, by node.
        folder: where the agent writes the files.
        mode: of the file with the key, octal.
    """

    identity: str
    role: str
    by_node: bool
    others: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    folder: PurePosixPath
    mode: str = "0600"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Where and as whom an agent draws.

    Args:
        address: of the server.
        server_ca: who signed its certificate, PEM; None: whom the agent's image trusts.
        namespace: of the server, None for the root one.
        pki: path of the PKI engine.
        login: path of the JWT method.
        login_role: its role.
        token: the file with the token of the service account.
        life: how long a certificate is asked for; it is renewed when nine tenths are over.
        draws: what it draws.
        folder: where the configuration itself lies.
    """

    address: str
    server_ca: str | None
    namespace: str | None
    pki: str
    login: str
    login_role: str
    token: PurePosixPath
    life: timedelta
    draws: Sequence[Draws]
    folder: PurePosixPath


def agent_files(agent: Agent) -> dict[str, str]:
    """Its files by name: the two configurations, the templates, and the CA of the server where one is given."""
    templates = {f"{each.identity}.tpl": _pair(agent, each) for each in agent.draws}
    server = {} if agent.server_ca is None else {SERVER_CA: agent.server_ca}
    return {
        FIRST: _configuration(agent, stays=False),
        ALWAYS: _configuration(agent, stays=True),
        **templates,
        "ca.tpl": _authority(agent),
        **server,
    }


def _configuration(agent: Agent, *, stays: bool) -> str:
    """The one that ends on a failure shows it, as a pod that does not start; the one that stays tries again."""
    ends = "false" if stays else "true"
    lines = [
        "vault {",
        f"  address = {_text(agent.address)}",
        *([] if agent.server_ca is None else [f"  ca_cert = {_text(str(agent.folder / SERVER_CA))}"]),
        *([] if agent.namespace is None else [f"  namespace = {_text(agent.namespace)}"]),
        *([] if stays else ["  retry {", f"    num_retries = {_RETRIES}", "  }"]),
        "}",
        "auto_auth {",
        '  method "jwt" {',
        f"    mount_path = {_text(f'auth/{agent.login}')}",
        *([] if agent.namespace is None else [f"    namespace = {_text(agent.namespace)}"]),
        f"    exit_on_err = {ends}",
        "    config = {",
        f"      path = {_text(str(agent.token))}",
        f"      role = {_text(agent.login_role)}",
        # The volume of the token is read-only, and the kubelet renews what is in it.
        "      remove_jwt_after_reading = false",
        "    }",
        "  }",
        "}",
        "template_config {",
        f"  exit_on_retry_failure = {ends}",
        "}",
    ]
    for each in agent.draws:
        lines += _template(agent, f"{each.identity}.tpl", each.folder / PAIR, each.mode)
        lines += _template(agent, "ca.tpl", each.folder / CA, "0644")
    return "\n".join((*lines, ""))


def _template(agent: Agent, source: str, destination: PurePosixPath, mode: str) -> Iterator[str]:
    yield "template {"
    yield f"  source = {_text(str(agent.folder / source))}"
    yield f"  destination = {_text(str(destination))}"
    yield f'  perms = "{mode}"'
    # The folder is a volume: where it is not there, the files would go where nobody looks for them.
    yield "  create_dest_dirs = false"
    yield "  error_on_missing_key = true"
    yield "}"


def _pair(agent: Agent, draws: Draws) -> str:
    lines = []
    if draws.by_node:
        lines += [
            '{{- $node := env "NODE_NAME" -}}',
            f'{{{{- $name := printf "%s.%s" {_text(draws.identity)} $node -}}}}',
        ]
    else:
        lines.append(f"{{{{- $name := {_text(draws.identity)} -}}}}")
    lines.append(f"{{{{- $role := {_text(draws.role)} -}}}}")
    for node, (name, role) in draws.others.items():
        chosen = f"$name = {_text(name)} -}}}}{{{{- $role = {_text(role)}"
        lines.append(f"{{{{- if eq $node {_text(node)} -}}}}{{{{- {chosen} -}}}}{{{{- end -}}}}")
    path = f"(printf {_text(f'{agent.pki}/issue/%s')} $role)"
    seconds = int(agent.life.total_seconds())
    asked = f'pkiCert {path} (printf "common_name=%s" $name) "exclude_cn_from_sans=true" "ttl={seconds}s"'
    return "\n".join((*lines, f"{{{{- with {asked} -}}}}", "{{ .Data.Cert }}{{ .Data.CA }}{{ .Data.Key }}", _END))


def _authority(agent: Agent) -> str:
    return "\n".join((f"{{{{- with secret {_text(f'{agent.pki}/cert/ca')} -}}}}", "{{ .Data.certificate }}", _END))


_RETRIES = 4
"""Of the one that ends, a few seconds in all; the agent's own number is 12, which takes minutes."""

_END = "{{- end -}}\n"


def _text(value: str) -> str:
    """A text as HCL and Go templates write it, which is how JSON does."""
    return json.dumps(value)
