"""How calicoctl on a machine is told where etcd is, and with which identity: a file, or variables.

One of the two is enough; calicoctl reads the variables only where there is no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from ringfence.model.names import UserName
from ringfence.render import target
from ringfence.render.datastore import Datastore
from ringfence.render.environment import Program, environment
from ringfence.render.usage import Usage, head
from ringfence.yamlio.dump import dump

CONFIG_FILE = "calicoctl.cfg"
ENVIRONMENT_FILE = "calicoctl.env"


_HEADS = {
    Datastore.ETCD_V2: {"apiVersion": "v1", "kind": "calicoApiConfig"},
    Datastore.ETCD_V3: {"apiVersion": "projectcalico.org/v3", "kind": "CalicoAPIConfig"},
}
"""calicoctl 1.x, which came with Calico 2, spells them in another way (docs.projectcalico.org/v2.6
/reference/calicoctl/setup/etcdv2)."""


def calicoctl_files(
    *,
    endpoints: Sequence[str],
    folder: PurePosixPath,
    identity: UserName,
    datastore: Datastore = Datastore.ETCD_V3,
) -> dict[str, str]:
    """The two forms, by file name.

    Args:
        endpoints: etcd's client URLs.
        folder: where the pki files lie on the machine.
        identity: the etcd user, which is also the name of its certificate file.
        datastore: the store of etcd that the data are in.

    Returns:
        ``calicoctl.cfg``, for ``--config`` or ``/etc/calico/``, with the fields of Calico's
        ``libcalico-go/lib/apiconfig/apiconfig.go``; and ``calicoctl.env``, which says the same.
    """
    config = dump(
        {
            **_HEADS[datastore],
            "metadata": {},
            "spec": {
                "datastoreType": datastore.value,
                "etcdEndpoints": ",".join(endpoints),
                "etcdCACertFile": target.authority(folder),
                "etcdCertFile": target.certificate(folder, identity),
                "etcdKeyFile": target.private_key(folder, identity),
            },
        }
    )
    title = head(
        Usage(
            title=f"calicoctl in etcd as user {identity}",
            apply=(f"as /etc/calico/{CONFIG_FILE}, or `calicoctl --config {CONFIG_FILE}`",),
            undo=("the former file, or none",),
            notes=(f"{ENVIRONMENT_FILE} says the same.",),
        )
    )
    variables = environment(
        Program.CALICOCTL, endpoints=endpoints, folder=folder, identity=identity, datastore=datastore
    )
    return {CONFIG_FILE: title + config, ENVIRONMENT_FILE: variables}
