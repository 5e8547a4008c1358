"""How calicoctl on a machine is told where etcd is, and with which identity: a file, or variables.

One of the two is enough; calicoctl reads the variables only where there is no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from ringfence.model.names import UserName
from ringfence.render import target
from ringfence.render.environment import Program, environment
from ringfence.yamlio.dump import dump

CONFIG_FILE = "calicoctl.cfg"
ENVIRONMENT_FILE = "calicoctl.env"


def calicoctl_files(*, endpoints: Sequence[str], folder: PurePosixPath, identity: UserName) -> dict[str, str]:
    """The two forms, by file name.

    Args:
        endpoints: etcd's client URLs.
        folder: where the pki files lie on the machine.
        identity: the etcd user, which is also the name of its certificate file.

    Returns:
        ``calicoctl.cfg``, for ``--config`` or ``/etc/calico/``, with the fields of Calico's
        ``libcalico-go/lib/apiconfig/apiconfig.go``; and ``calicoctl.env``, which says the same.
    """
    config = dump(
        {
            "apiVersion": "projectcalico.org/v3",
            "kind": "CalicoAPIConfig",
            "metadata": {},
            "spec": {
                "datastoreType": "etcdv3",
                "etcdEndpoints": ",".join(endpoints),
                "etcdCACertFile": target.authority(folder),
                "etcdCertFile": target.certificate(folder, identity),
                "etcdKeyFile": target.private_key(folder, identity),
            },
        }
    )
    title = f"# calicoctl in etcd as user {identity}, written by ringfence.\n"
    variables = environment(Program.CALICOCTL, endpoints=endpoints, folder=folder, identity=identity)
    return {CONFIG_FILE: title + config, ENVIRONMENT_FILE: variables}
