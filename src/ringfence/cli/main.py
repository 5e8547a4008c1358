"""The command ``ringfence``: its verbs, each imported only when it is used, so that ``--help`` stays quick."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from keyword import iskeyword
from typing import Final

import click

from ringfence import __version__
from ringfence.cli.group import Group

VERBS: Final[Mapping[str, str]] = {
    "init": "Write a commented spec to begin with.",
    "check": "Validate the spec and prove, offline, that its segments are disjoint.",
    "certs": "Issue, renew and list the certificates that the spec asks for.",
    "render": "Write the configuration of etcd and of the components.",
    "plan": "Show what apply would change in etcd, each change also as the etcdctl command.",
    "apply": "Carry out a plan, switch auth on, and prove the result.",
    "destroy": "Delete the users and roles of the spec from etcd, and nothing else.",
    "auth": "Look at auth on every member, keep it on, or switch it off.",
    "verify": "Prove on every live member that each identity reaches its own keys only.",
    "can-i": "Say whether USER may do something, by etcd's own rules, and why.",
    "who-can": "List who may do something, by etcd's own rules, and why; also who may do a part of it.",
    "catalog": "Show what each component needs in etcd, why, since when, and how well that is known.",
    "import": "Write a spec from a live cluster to stdout, such that planning it changes nothing.",
    "demo": "Do all of it on a real three-member etcd on this machine, from nothing to proof.",
}
"""Each verb and its line of help; ``cli/VERB.py``, or the room ``cli/VERB``, has the rest. A dash is an underscore
there, and ``import`` is ``import_``, since Python keeps that word for itself."""


class _Verbs(Group):
    """A group that knows its verbs by name and imports one when it is asked for."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command: click.Command = import_module(f"ringfence.cli.{_module(name)}").command
        return command

    def line_of(self, _ctx: click.Context, name: str) -> str:
        return VERBS[name]


def _module(verb: str) -> str:
    return f"{verb}_" if iskeyword(verb) else verb.replace("-", "_")


@click.command(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-f", "--file", "spec", default="ringfence.yaml", show_default=True, metavar="FILE", help="The spec.", is_eager=True
)
@click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the result."
)
@click.version_option(__version__, message="ringfence %(version)s")
def command(spec: str, output: str) -> None:
    """Ring-fence every client of a shared etcd: certificates, users, roles, configuration, and the proof.

    Exit codes: 0 done, in sync or yes; 1 could not; 2 it ran, and the answer is no.
    """
