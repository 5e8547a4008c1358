"""Every answer that is not yes, as one of our exceptions. Pure: a table over status and text.

The texts are those of OpenBao 2.7, the same as Vault's where both have them. What stands in them is cleaned and quoted;
what was sent, which may hold a token, is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringfence.errors import (
    AuthorityDenied,
    AuthorityError,
    AuthorityRefused,
    AuthorityUnreachable,
    Place,
)

_CAPABILITIES = {"GET": "read", "LIST": "list", "POST": "update", "DELETE": "delete"}
_COUNTED = re.compile(r"\d+ errors? occurred:\s*|(?<=\s)\* ")
_LONGEST = 300

_NO_CA = r"no default issuer|unable to fetch .*issuer|backend must be configured with a CA"
_USED_UP = "role_id or secret_id is not valid, or the secret_id is used up"
_JWT = "has it expired, and are its audience and subject those that the role is bound to?"
_PREPARE = "write them: `ringfence certs prepare --yes`"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of whom: a method, and a path below ``/v1/``."""

    address: str
    method: str
    path: str

    @property
    def place(self) -> Place:
        """The path on the server, for messages."""
        return Place(f"{self.address}/v1/{self.path}")


@dataclass(frozen=True, slots=True)
class _Told:
    """What an answer means, by its text."""

    pattern: re.Pattern[str]
    what: str
    hint: str
    error: type[AuthorityError] = AuthorityRefused


_TOLD = tuple(
    _Told(re.compile(pattern, re.IGNORECASE), *rest)
    for pattern, *rest in (
        (
            r"HTTP request to an HTTPS server",
            "TLS is spoken there",
            "write the address as https://",
            AuthorityUnreachable,
        ),
        (r"is sealed", "the server is sealed", "unseal it: `bao operator unseal`", AuthorityUnreachable),
        (r"not initialized", "the server is not initialized", "`bao operator init`", AuthorityUnreachable),
        (
            r"no handler for route|No secret engine mount",
            "nothing is mounted there",
            f"correct the path, or {_PREPARE}",
        ),
        (r"unknown role|role .* could not be found", "there is no such role", f"correct its name, or {_PREPARE}"),
        (_NO_CA, "the PKI engine has no CA", "`ringfence certs prepare` imports one, or makes one"),
        (
            r"invalid role or secret ID|invalid secret.id|invalid role.id",
            _USED_UP,
            "draw a new one: `bao write -f auth/approle/role/NAME/secret-id`",
            AuthorityDenied,
        ),
        (r"error validating token|claim", "the JWT is refused", _JWT, AuthorityDenied),
    )
)


def refusal(status: int, texts: tuple[str, ...], asked: Asked) -> AuthorityError:
    """The exception for an answer.

    Args:
        status: the HTTP status.
        texts: ``errors`` of the answer.
        asked: the request.
    """
    text = cleaned(texts)
    for told in _TOLD:
        if told.pattern.search(text):
            quoted = f": {text}" if told.error is AuthorityRefused or status == 400 else ""
            return told.error.of(f"{told.what}{quoted}", place=asked.place, hint=told.hint)
    if status == 403:
        return _denied(asked)
    if 300 <= status < 400:
        hint = "name the active server itself: a token is not sent to whom an answer names"
        return AuthorityUnreachable.of("the server sends us elsewhere", place=asked.place, hint=hint)
    if status in {429, 472, 473, 502, 503, 504}:
        what = f"the server cannot answer now: {text or f'HTTP {status}'}"
        return AuthorityUnreachable.of(
            what, place=asked.place, hint="is it starting, a standby, or without its storage?"
        )
    log = "see the log of the server" if status >= 500 else None
    return AuthorityRefused.of(f"refused: {text or f'HTTP {status}'}", place=asked.place, hint=log)


def not_openbao(status: int, asked: Asked) -> AuthorityError:
    """The exception for an answer that is no JSON."""
    hint = "is that the address of OpenBao or Vault, and not of something before it?"
    return AuthorityRefused.of(f"the answer is not OpenBao's: HTTP {status}", place=asked.place, hint=hint)


def cleaned(texts: tuple[str, ...]) -> str:
    """The server's words on one line, without its counting and bullets."""
    joined = "; ".join(" ".join(_COUNTED.sub("", text).split()) for text in texts)
    return joined if len(joined) <= _LONGEST else f"{joined[:_LONGEST]}..."


def _denied(asked: Asked) -> AuthorityDenied:
    if asked.path.startswith("auth/") and asked.path.endswith("/login"):
        hint = "is the method mounted under that path? `bao auth list`"
        return AuthorityDenied.of("the login is denied", place=asked.place, hint=hint)
    capability = _CAPABILITIES.get(asked.method, "update")
    rule = f'path "{asked.path}" {{ capabilities = ["{capability}"] }}'
    hint = f"has the token expired? if not, its policies lack: {rule}"
    return AuthorityDenied.of("permission denied", place=asked.place, hint=hint)
