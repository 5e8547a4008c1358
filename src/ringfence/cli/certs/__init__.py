"""``ringfence certs``: one module a command."""

from __future__ import annotations

import click

from ringfence.cli.certs import issue, list_


@click.group("certs")
def command() -> None:
    """Issue and list the certificates that the spec asks for."""


command.add_command(issue.command)
command.add_command(list_.command)
