"""The inventory: hosts by group, and what is true of one host only, each host in a line.

The variables stand in the inventory, so that 5,000 hosts are one file; ``host_vars/`` is the operator's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

GROUPS = ("etcd", "calico_nodes", "kube_controllers", "kube_apiservers")
"""The groups that the playbooks know."""

_TITLE = """\
# The hosts of the spec, written by ringfence. Your own hosts and variables go into another file of this folder.
# Which hosts are in kube_controllers and kube_apiservers is for you to say there.
"""

Value = str | Sequence["Value"] | Mapping[str, "Value"]


@dataclass(frozen=True, slots=True)
class Host:
    """A host by its name in the inventory; ``address`` is where it is reached, None for its name."""

    name: str
    address: str | None
    variables: Mapping[str, Value]


def inventory_yaml(groups: Mapping[str, Iterable[Host]]) -> str:
    """The inventory as Ansible's plug-in ``yaml`` reads it; groups without hosts are there, for others to fill."""
    return "".join(_lines(groups))


def _lines(groups: Mapping[str, Iterable[Host]]) -> Iterator[str]:
    yield _TITLE
    yield "all:\n  children:\n"
    for group in GROUPS:
        hosts = list(groups.get(group, ()))
        yield f"    {group}:\n      hosts:{'' if hosts else ' {}'}\n"
        for host in hosts:
            address = {} if host.address is None else {"ansible_host": host.address}
            # JSON is YAML, and a line a host is quicker read than a block.
            yield f"        {json.dumps(host.name)}: {json.dumps({**address, **host.variables})}\n"
