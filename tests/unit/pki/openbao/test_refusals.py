"""What the server, the network and the TLS library say, and what becomes of it."""

from __future__ import annotations

import pytest

from ringfence.errors import AuthorityDenied, AuthorityError, AuthorityRefused, AuthorityUnreachable
from ringfence.http.silence import Silence
from ringfence.pki.openbao.login import AppRoleLogin, JwtLogin, TokenLogin, request_of
from ringfence.pki.openbao.obstacles import obstacle
from ringfence.pki.openbao.refusals import Asked, refusal

SIGN = Asked("https://bao:8200", "POST", "pki/sign/ringfence-root")
LOGIN = Asked("https://bao:8200", "POST", "auth/approle/login")
DENIED = "1 error occurred:\n\t* permission denied\n\n"


@pytest.mark.parametrize(
    ("status", "text", "asked", "error", "what"),
    [
        (403, DENIED, SIGN, AuthorityDenied, "permission denied"),
        (403, "permission denied", LOGIN, AuthorityDenied, "the login is denied"),
        (400, "invalid role or secret ID", LOGIN, AuthorityDenied, "role_id or secret_id is not valid"),
        (400, "error validating token: token is expired", LOGIN, AuthorityDenied, "the JWT is refused: error"),
        (400, "unknown role: ringfence-root", SIGN, AuthorityRefused, "there is no such role: unknown role"),
        (404, 'no handler for route "pki/x". route entry not found.', SIGN, AuthorityRefused, "nothing is mounted"),
        (400, "no default issuer currently configured", SIGN, AuthorityRefused, "the PKI engine has no CA"),
        (503, "Vault is sealed", SIGN, AuthorityUnreachable, "the server is sealed"),
        (503, "", SIGN, AuthorityUnreachable, "the server cannot answer now: HTTP 503"),
        (307, "", SIGN, AuthorityUnreachable, "the server sends us elsewhere"),
        (500, "2 errors occurred:\n\t* a\n\t* b\n\n", SIGN, AuthorityRefused, "refused: a b"),
        (400, "common name x not allowed by this role", SIGN, AuthorityRefused, "refused: common name x not allowed"),
    ],
)
def test_every_answer_is_an_error_of_ours(
    status: int, text: str, asked: Asked, error: type[AuthorityError], what: str
) -> None:
    """Of the right kind, with the path, and in one line."""
    found = refusal(status, (text,) if text else (), asked)
    assert error is type(found)
    (problem,) = found.problems
    assert problem.what.startswith(what)
    assert "\n" not in problem.what
    assert f"https://bao:8200/v1/{asked.path}" == str(problem.place)


@pytest.mark.parametrize(("method", "capability"), [("GET", "read"), ("LIST", "list"), ("POST", "update")])
def test_a_denial_says_which_line_a_policy_lacks(method: str, capability: str) -> None:
    """Ready to be pasted."""
    (problem,) = refusal(403, (DENIED,), Asked("https://bao:8200", method, "pki/roles/x")).problems
    assert f'path "pki/roles/x" {{ capabilities = ["{capability}"] }}' in str(problem.hint)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("All connection attempts failed; [Errno 111] Connection refused", "nothing listens there"),
        ("[Errno -2] Name or service not known", "the host name is not known"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate", "is not from a CA"),
        ("certificate verify failed: certificate has expired (_ssl.c:1006)", "has expired"),
        ("certificate verify failed: Hostname mismatch, certificate is not valid for 'a'", "is not for that host"),
        ("certificate verify failed: IP address mismatch, certificate is not valid for '::1'", "is not for that host"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "plain HTTP is spoken there"),
        ("[SSL: RECORD_LAYER_FAILURE] record layer failure (_ssl.c:1006)", "plain HTTP is spoken there"),
        ("Server disconnected without sending a response.", "the connection was cut"),
        ("something new", "no connection came about"),
    ],
)
def test_every_obstacle_has_its_words(text: str, what: str) -> None:
    """With the address, and what to do."""
    (problem,) = obstacle(Silence.of_text(text), "https://bao:8200").problems
    assert what in problem.what
    assert problem.hint


@pytest.mark.parametrize(
    "login", [TokenLogin("SECRET"), AppRoleLogin("m", "SECRET", "SECRET"), JwtLogin("m", "r", "SECRET")]
)
def test_no_login_shows_its_secret(login: TokenLogin | AppRoleLogin | JwtLogin) -> None:
    """A ``repr`` ends up in logs."""
    assert "SECRET" not in repr(login)


def test_logins_are_sent_as_their_methods_want_them() -> None:
    """To the path of the method, which need not be its name."""
    assert ("auth/m/login", {"role_id": "a", "secret_id": "b"}) == request_of(AppRoleLogin("m", "a", "b"))
    assert ("auth/k8s/a/login", {"role": "r", "jwt": "j"}) == request_of(JwtLogin("k8s/a", "r", "j"))
