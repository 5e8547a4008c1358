"""Environment files for programs of Calico that run outside of the hosted manifest: on hosts, under systemd or docker.

Only what concerns etcd; the rest of each program's settings is the operator's.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ringfence.model.names import UserName
from ringfence.render import target
from ringfence.render.datastore import Datastore
from ringfence.render.usage import Usage, head


class Program(enum.Enum):
    """A program that is set up by its environment; the value is its name."""

    NODE = "calico/node"
    CONTROLLERS = "calico/kube-controllers"
    FELIX = "felix"
    CALICOCTL = "calicoctl"


_CALICO = ("DATASTORE_TYPE", "ETCD_ENDPOINTS", "ETCD_CA_CERT_FILE", "ETCD_CERT_FILE", "ETCD_KEY_FILE")
"""Calico ``libcalico-go/lib/apiconfig/apiconfig.go``."""

_FELIX = ("FELIX_DATASTORETYPE", "FELIX_ETCDENDPOINTS", "FELIX_ETCDCAFILE", "FELIX_ETCDCERTFILE", "FELIX_ETCDKEYFILE")
"""Calico ``felix/config/config_params.go``; each file must be there when felix starts."""


def environment(
    program: Program,
    *,
    endpoints: Sequence[str],
    folder: PurePosixPath,
    identity: UserName,
    datastore: Datastore = Datastore.ETCD_V3,
) -> str:
    """Lines ``NAME=value`` that systemd's ``EnvironmentFile``, docker's ``--env-file`` and shells read alike.

    Args:
        program: whom they are for.
        endpoints: etcd's client URLs.
        folder: where the pki files lie for the program; in a container, where they are mounted.
        identity: the etcd user, which is also the name of its certificate file.
        datastore: the store of etcd that the data are in.

    Raises:
        ValueError: a value has characters that those readers take differently.
    """
    names = _FELIX if program is Program.FELIX else _CALICO
    values = (
        datastore.value,
        ",".join(endpoints),
        target.authority(folder),
        target.certificate(folder, identity),
        target.private_key(folder, identity),
    )
    pairs = dict(zip(names, values, strict=True))
    return "".join((*_lines(program, pairs, identity), *_not_compacting(program, datastore)))


def _lines(program: Program, pairs: dict[str, str], identity: UserName) -> Iterator[str]:
    yield head(
        Usage(
            title=f"Environment of {program.value} in etcd as user {identity}",
            apply=("name it in the unit (EnvironmentFile=) or to docker (--env-file), and restart the program",),
            undo=("name the former file, or none, and restart the program",),
        )
    )
    for name, value in pairs.items():
        if not _PLAIN.issuperset(value):
            raise ValueError(f"{name} has characters that not every reader of environment files takes as they are")
        yield f"{name}={value}\n"


def _not_compacting(program: Program, datastore: Datastore) -> Iterator[str]:
    """etcd v2 keeps the last thousand events and nothing else, so there is no history to compact."""
    if program is Program.CONTROLLERS and datastore is Datastore.ETCD_V3:
        yield "# 0: etcd compacts by itself, and Calico must not compact what it shares with others.\n"
        yield "COMPACTION_PERIOD=0\n"


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/:,@+=[]%")
"""Docker knows no quotes and systemd and shells do, so only what needs none is the same to all."""
