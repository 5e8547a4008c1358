"""``ringfence certs prepare``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from ringfence.cli import output
from ringfence.cli.options import Verb, spec_path


@click.command("prepare", cls=Verb)
@click.option("--yes", is_flag=True, help="Carry it out; without it nothing is changed.")
@click.option("--import-ca", "imported", metavar="DIR", help="Give the engine ca.pem and ca-key.pem of DIR.")
@click.option("--sign-with", "signed_with", metavar="DIR", help="Sign its own CA with ca.pem and ca-key.pem of DIR.")
@click.option("--generate-root", "generated", is_flag=True, help="Have it make a root that never leaves it.")
@click.option("--token-file", metavar="FILE", help="The token to prepare with; default: BAO_TOKEN, VAULT_TOKEN.")
@click.option("--commands", is_flag=True, help="Show each change as a command of bao, too.")
def command(
    yes: bool,
    imported: str | None,
    signed_with: str | None,
    generated: bool,
    token_file: str | None,
    commands: bool,
) -> None:
    """Make OpenBao ready: its PKI engine and CA, and a role and a policy for each identity.

    Needs a token that may manage mounts and policies; issuing needs far less. Roles of identities that are gone are
    named and left alone. Exit 0: ready. Exit 2: there is something to change.
    """
    from ringfence.ops.certs.bao import privileged_login
    from ringfence.ops.certs.preparing import CaChoice, prepare
    from ringfence.ops.load import load
    from ringfence.reports.preparation import preparation_json, preparation_text

    now = datetime.now(UTC)
    spec, wanted = load(spec_path(), now.date())
    choice = CaChoice(_path(imported), _path(signed_with), generated)
    login = privileged_login(_path(token_file))
    with output.progress() as begin:
        found = asyncio.run(prepare(spec, wanted, login, choice, now, carry_out=yes, progress=begin("roles")))
    output.data(preparation_text(found, commands=commands), preparation_json(found))
    output.answer(found.is_ready)


def _path(written: str | None) -> Path | None:
    return None if written is None else Path(written)
