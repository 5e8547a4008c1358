"""``ringfence certs``: one module a command."""

from __future__ import annotations

import click

from ringfence.cli.certs import accept, issue, list_, prepare, renew
from ringfence.cli.group import Group


@click.group("certs", cls=Group)
def command() -> None:
    """Issue, renew and list the certificates that the spec asks for."""


for _module in (prepare, issue, accept, list_, renew):
    command.add_command(_module.command)
