"""The three ways to log in, on a real server, and what is said when one fails."""

from __future__ import annotations

import asyncio
import time

import pytest

from ringfence.pki.openbao.client import Client
from ringfence.pki.openbao.login import AppRoleLogin
from tests.integration.openbao.conftest import Desk
from tests.integration.openbao.making import JwtIssuer

APPROLE = "{{method: approle, mount: {mount}, files: secrets}}"
JWT = "{{method: jwt, mount: {mount}, role: {role}, jwt: {{file: jwt}}}}"
CLAIMS: dict[str, object] = {"sub": "ringfence", "aud": "openbao", "iat": int(time.time()) - 60}


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """A desk whose engine is prepared."""
    assert 0 == desk.prepare("--generate-root", "--yes").code
    return desk


def _policies(desk: Desk) -> dict[str, object]:
    return {"token_policies": [f"{desk.mount}.ringfence-issuer"], "token_no_default_policy": True, "token_ttl": "10m"}


def _approle(desk: Desk, **settings: object) -> None:
    mount = f"approle-{desk.mount}"
    desk.post(f"sys/auth/{mount}", {"type": "approle"})
    role = f"auth/{mount}/role/ringfence"
    desk.post(role, {**_policies(desk), **settings})
    desk.keep("secrets/role_id", desk.get(f"{role}/role-id").part("data").text("role_id"))
    desk.keep("secrets/secret_id", desk.post(f"{role}/secret-id", {}).part("data").text("secret_id"))
    desk.write(login=APPROLE.format(mount=mount))


def _jwt(desk: Desk) -> JwtIssuer:
    mount, issuer = f"jwt-{desk.mount}", JwtIssuer()
    desk.post(f"sys/auth/{mount}", {"type": "jwt"})
    desk.post(f"auth/{mount}/config", {"jwt_validation_pubkeys": [issuer.public]})
    bound = {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["openbao"], "bound_subject": "ringfence"}
    desk.post(f"auth/{mount}/role/ringfence", {**bound, **_policies(desk)})
    desk.write(login=JWT.format(mount=mount, role="ringfence"))
    return issuer


def test_approle(ready: Desk) -> None:
    """Issues, and the token that it got is gone afterwards."""
    _approle(ready)
    issued = ready.run("-o", "json", "certs", "issue")
    assert 0 == issued.code, issued.err
    assert 4 == len(issued.json["created"])


def test_approle_with_another_secret_id(ready: Desk) -> None:
    """The right one works; any other is refused with what to do, and nothing is written."""
    _approle(ready)
    right = (ready.folder / "secrets" / "secret_id").read_text().strip()
    ready.keep("secrets/secret_id", "00000000-0000-0000-0000-000000000000")
    refused = ready.run("certs", "issue")
    assert (1, True) == (refused.code, "role_id or secret_id is not valid" in refused.err)
    assert "00000000-0000" not in refused.err
    assert [] == list((ready.folder / "pki").glob("*.pem"))
    ready.keep("secrets/secret_id", right)
    assert 0 == ready.run("certs", "issue").code


def test_approle_whose_secret_id_is_used_up(ready: Desk) -> None:
    """One that is good for a single login issues once."""
    _approle(ready, secret_id_num_uses=1)
    assert 0 == ready.run("certs", "issue").code
    (ready.folder / "pki" / "inventory.pem").unlink()
    refused = ready.run("certs", "issue")
    assert (1, True) == (refused.code, "secret_id is used up" in refused.err)


def test_approle_without_its_files(ready: Desk) -> None:
    """Both are named at once."""
    _approle(ready)
    for name in ("role_id", "secret_id"):
        (ready.folder / "secrets" / name).unlink()
    refused = ready.run("certs", "issue")
    assert 2 == len([line for line in refused.problems if "there is no such file" in line]), refused.err


def test_approle_from_the_environment_and_a_file(ready: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the two stands where the spec says; where both are missing, both are named, and no value is ever told."""
    _approle(ready)
    secrets = ready.folder / "secrets"
    role_id, secret_id = ((secrets / name).read_text().strip() for name in ("role_id", "secret_id"))
    for name in ("role_id", "secret_id"):
        (secrets / name).unlink()
    login = f"method: approle, mount: approle-{ready.mount}, role-id: {{env: BAO_ROLE_ID}}, secret-id: "
    ready.write(login=f"{{{login}{{env: BAO_SECRET_ID}}}}")
    refused = ready.run("certs", "issue")
    assert 1 == refused.code
    assert 2 == len([line for line in refused.problems if "holds nothing to log in with" in line]), refused.err
    monkeypatch.setenv("BAO_ROLE_ID", role_id)
    monkeypatch.setenv("BAO_SECRET_ID", secret_id)
    issued = ready.run("certs", "issue")
    assert (0, False) == (issued.code, secret_id in issued.out + issued.err), issued.err
    monkeypatch.delenv("BAO_SECRET_ID")
    ready.keep("mine", secret_id)
    ready.write(login=f"{{{login}{{file: mine}}}}")
    (ready.folder / "pki" / "inventory.pem").unlink()
    assert 0 == ready.run("certs", "issue").code


def test_jwt(ready: Desk) -> None:
    """A token of somebody else whom the server was told to believe."""
    issuer = _jwt(ready)
    ready.keep("jwt", issuer.token(**CLAIMS, exp=int(time.time()) + 600))
    issued = ready.run("certs", "issue")
    assert 0 == issued.code, issued.err


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"exp": 1}, "token is expired"),
        ({"sub": "other"}, "invalid subject"),
        ({"aud": "other"}, "invalid audience"),
    ],
)
def test_a_jwt_that_does_not_fit(ready: Desk, change: dict[str, object], reason: str) -> None:
    """One claim changed, and the server's reason is told without the token."""
    issuer = _jwt(ready)
    token = issuer.token(**{**CLAIMS, "exp": int(time.time()) + 600, **change})
    ready.keep("jwt", token)
    refused = ready.run("certs", "issue")
    assert 1 == refused.code
    assert "the JWT is refused" in refused.err
    assert reason in refused.err
    assert token not in refused.err


def test_a_jwt_for_a_role_that_is_not_there(ready: Desk) -> None:
    """Its name is in the spec."""
    issuer = _jwt(ready)
    ready.write(login=JWT.format(mount=f"jwt-{ready.mount}", role="nobody"))
    ready.keep("jwt", issuer.token(**CLAIMS, exp=int(time.time()) + 600))
    refused = ready.run("certs", "issue")
    assert (1, True) == (refused.code, "there is no such role" in refused.err)


def test_a_method_that_is_not_mounted(ready: Desk) -> None:
    """The path of the method is wrong."""
    _approle(ready)
    ready.write(login=APPROLE.format(mount="nowhere"))
    refused = ready.run("certs", "issue")
    assert (1, True) == (refused.code, "the login is denied" in refused.err)


def test_a_token_that_has_expired(ready: Desk) -> None:
    """It works while it lives; then it is named as one of the two reasons."""
    login = ready.token_with(f"{ready.mount}.ringfence-issuer", ttl="5m")
    ready.keep("mine", login.token)
    ready.write(login="{method: token, token: {file: mine}}")
    assert 0 == ready.run("certs", "issue").code
    ready.post("auth/token/revoke", {"token": login.token})
    (ready.folder / "pki" / "inventory.pem").unlink()
    refused = ready.run("certs", "issue")
    assert (1, True) == (refused.code, "has the token expired?" in refused.err)
    assert login.token not in refused.err


def test_a_login_is_renewed_before_it_ends(ready: Desk) -> None:
    """A login of two seconds lasts as long as the work does: the token changes, and each is good when it is used."""
    _approle(ready, token_ttl="2s", token_max_ttl="2s", token_no_default_policy=False)
    folder = ready.folder / "secrets"
    secrets = ((folder / name).read_text().strip() for name in ("role_id", "secret_id"))

    async def twice(client: Client) -> set[str]:
        seen = set()
        end = time.monotonic() + 5
        while time.monotonic() < end:
            found = await client.read("auth/token/lookup-self")
            assert found is not None
            seen.add(found.part("data").text("accessor"))
            await asyncio.sleep(0.2)
        return seen

    assert 1 < len(ready.ask(twice, AppRoleLogin(f"approle-{ready.mount}", *secrets)))


def test_a_token_from_the_environment(ready: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set, it works; not set, the variable is named."""
    ready.write(login="{method: token, token: {env: MY_BAO}}")
    refused = ready.run("certs", "issue")
    assert (1, True) == (refused.code, "the variable MY_BAO holds nothing" in refused.err)
    monkeypatch.setenv("MY_BAO", ready.token_with(f"{ready.mount}.ringfence-issuer").token)
    assert 0 == ready.run("certs", "issue").code
