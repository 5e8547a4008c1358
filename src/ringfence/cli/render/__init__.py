"""``ringfence render``: one module for each thing that is configured."""

from __future__ import annotations

import click

from ringfence.cli.group import Group
from ringfence.cli.render import ansible, calico, calicoctl, etcd, hosts, kube_apiserver, kustomize, secrets


@click.group("render", cls=Group)
def command() -> None:
    """Write the configuration of etcd and of the components.

    Files are written whole or not at all, and only where they differ from what is there.
    """


for _module in (etcd, kube_apiserver, calico, calicoctl, secrets, kustomize, ansible):
    command.add_command(_module.command)
for _command in hosts.commands:
    command.add_command(_command)
