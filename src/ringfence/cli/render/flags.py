"""Options that several subcommands of ``render`` have."""

from __future__ import annotations

import click

OUT = click.option("--out", metavar="FILE", help="Where to write it; default: stdout.")
WITH_KEYS = click.option("--with-keys", is_flag=True, help="Print private keys too; never to a terminal.")
ISSUER = click.option(
    "--issuer", metavar="[KIND/]NAME", help="With cert-manager: who signs; default kind: ClusterIssuer."
)
IDENTITY = click.option("--identity", metavar="NAME", help="Which one, where the spec has several.")
