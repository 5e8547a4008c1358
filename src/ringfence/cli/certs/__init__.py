"""``ringfence certs``: one module a command."""

from __future__ import annotations

import click

from ringfence.cli.certs import accept, issue, list_, prepare, renew


@click.group("certs")
def command() -> None:
    """Issue, renew and list the certificates that the spec asks for."""


command.add_command(accept.command)
command.add_command(issue.command)
command.add_command(list_.command)
command.add_command(prepare.command)
command.add_command(renew.command)
