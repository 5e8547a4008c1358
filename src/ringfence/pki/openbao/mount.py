"""The PKI engine itself: mounted where the spec says, and allowed to sign for as long as the spec asks."""

from __future__ import annotations

from datetime import timedelta

from ringfence.errors import AuthorityRefused, CertificateError, Place
from ringfence.pki.openbao.change import Change
from ringfence.pki.openbao.client import Client

_PKI = "pki"


async def mount_changes(client: Client, mount: str, longest: timedelta) -> tuple[Change, ...]:
    """What is to be done before the engine can be asked anything.

    Args:
        client: with a login that may manage mounts.
        mount: the path.
        longest: life of a certificate that it is to sign, its own included.

    Raises:
        AuthorityError: no answer, or a refusal.
        CertificateError: another kind of engine is mounted there.
    """
    path, seconds = f"sys/mounts/{mount}", int(longest.total_seconds())
    kind = await _kind(client, mount)
    if kind is None:

        async def enable() -> None:
            body = {"type": _PKI, "description": "certificates of etcd", "config": {"max_lease_ttl": f"{seconds}s"}}
            await client.write(path, body, repeatable=False)

        command = f"bao secrets enable -path={mount} -max-lease-ttl={seconds}s {_PKI}"
        return (Change(f"a PKI engine at {mount}", command, enable),)
    if kind != _PKI:
        hint = "name another path: pki.openbao.mount"
        place = Place(f"{client.address}/v1/{mount}")
        raise CertificateError.of(f"an engine of another kind is mounted there: {kind}", place=place, hint=hint)
    tuned = await client.read(f"{path}/tune")
    if tuned is not None and tuned.part("data").number("max_lease_ttl") >= seconds:
        return ()

    async def tune() -> None:
        await client.write(f"{path}/tune", {"max_lease_ttl": f"{seconds}s"})

    command = f"bao secrets tune -max-lease-ttl={seconds}s {mount}"
    return (Change(f"the PKI engine at {mount} may sign for {longest.days} d", command, tune),)


async def is_mounted(client: Client, mount: str) -> bool:
    """Whether any engine is mounted under that path."""
    return await _kind(client, mount) is not None


async def _kind(client: Client, mount: str) -> str | None:
    try:
        found = await client.read(f"sys/mounts/{mount}")
    except AuthorityRefused as error:
        if "nothing is mounted" in error.problems[0].what:
            return None
        raise
    return None if found is None else found.part("data").text("type")
