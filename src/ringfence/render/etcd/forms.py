"""The configuration of an etcd member in the three forms that etcd takes; choose one.

The forms are made from one list of settings, ``render.etcd.settings``. No pki file is opened: the configuration
names where they will lie on the member.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath

from ringfence.model.cluster import Member
from ringfence.render.etcd.settings import Setting, settings
from ringfence.render.usage import Usage, head
from ringfence.yamlio.dump import dump

YAML_FILE = "etcd.conf.yml"
ENVIRONMENT_FILE = "etcd.env"
FLAGS_FILE = "flags"


def member_files(
    *,
    cluster: str,
    members: Sequence[Member],
    member: Member,
    pki: PurePosixPath,
    gateway: bool,
    v2: bool = False,
) -> dict[str, str]:
    """The files that configure one member, by name.

    Args:
        cluster: the cluster's name, its ``initial-cluster-token``.
        members: all members, ``member`` among them.
        member: the one that the files are for.
        pki: the folder on the member's machine with ``ca.pem``, ``NAME-server.pem``, ``NAME-peer.pem`` and their keys.
        gateway: whether the JSON gateway is on; only a client that speaks nothing else needs it.
        v2: whether the member is told to serve the v2 API, which etcd 3.6 has no more.

    Returns:
        ``etcd.conf.yml``, ``etcd.env`` and ``flags``, which say the same.
    """
    told = settings(cluster, members, member, pki, gateway=gateway, v2=v2)
    title = f"of etcd member {member.name} in cluster {cluster}"
    return {
        YAML_FILE: "".join(_yaml(told, title)),
        ENVIRONMENT_FILE: "".join(_environment(told, title)),
        FLAGS_FILE: "".join(f"{shlex.quote(f'--{setting.flag}={setting.text}')}\n" for setting in told),
    }


def member_usage(member: str) -> Usage:
    """What the folder of a member's files is, of which ``flags`` can hold no comment."""
    return Usage(
        title=f"etcd member {member}",
        apply=(
            (
                f"one of the three, which say the same: `etcd --config-file {YAML_FILE}`, the variables of "
                f"{ENVIRONMENT_FILE}, or `xargs -a {FLAGS_FILE} etcd`;"
            ),
            "members one by one, each healthy before the next",
        ),
        undo=("start etcd with what it was started with before, in the same way; its data stay where they are",),
    )


def _yaml(told: Iterable[Setting], title: str) -> Iterator[str]:
    yield head(
        Usage(
            title=f"Configuration {title}",
            apply=(
                f"`etcd --config-file {YAML_FILE}`, members one by one, each healthy before the next;",
                "etcd then takes no other flag and no ETCD_ variable into account",
            ),
            undo=("start etcd with what it was started with before, in the same way; its data stay where they are",),
            notes=(f"{ENVIRONMENT_FILE} (ETCD_ variables) and {FLAGS_FILE} say the same.",),
        )
    )
    for block, inside in groupby(told, key=lambda setting: setting.block):
        indent = ""
        if block:
            yield f"{block}:\n"
            indent = "  "
        for setting in inside:
            yield from (f"{indent}# {line}\n" for line in setting.why)
            yield indent + dump({setting.key: setting.value})


def _environment(told: Iterable[Setting], title: str) -> Iterator[str]:
    yield head(
        Usage(
            title=f"Environment {title}",
            apply=(
                f"EnvironmentFile={ENVIRONMENT_FILE} in a systemd unit, or `docker run --env-file {ENVIRONMENT_FILE}`;",
                "restart members one by one, each healthy before the next",
            ),
            undo=("name the former file, or none, and restart in the same way; the data stay where they are",),
        )
    )
    yield from (f"{setting.variable}={shlex.quote(setting.text)}\n" for setting in told)
