"""Values for Calico's chart ``charts/calico``, from which its hosted manifests are made.

The chart has room for one identity only, and none for COMPACTION_PERIOD; the chart of the operator knows no etcd.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.model.credentials import Credentials
from ringfence.render.usage import Usage, head
from ringfence.yamlio.dump import Plain, dump

COMPACTION_NOTICE = (
    "the chart cannot set COMPACTION_PERIOD: set it to 0 on the Deployment calico-kube-controllers, or run "
    "render calico on the manifest that the chart makes"
)


def helm_values(*, endpoints: Sequence[str], credentials: Credentials, with_keys: bool, canal: bool = False) -> str:
    """A values file for ``helm template charts/calico --values``.

    Args:
        endpoints: etcd's client URLs.
        credentials: the CA, the certificate and the key of Calico's one identity.
        with_keys: whether the private key is put in; without it the chart refuses the file.
        canal: whether flannel makes the network.
    """
    if credentials.certificate is None or (with_keys and credentials.key is None):
        raise ValueError("Calico's identity needs a certificate and its key")
    tls: dict[str, Plain] = {"ca": credentials.ca.decode(), "crt": credentials.certificate.decode()}
    if with_keys and credentials.key is not None:
        tls["key"] = credentials.key.decode()
    title = head(
        Usage(
            title="Values for Calico's chart",
            apply=("`helm template charts/calico --values FILE > calico.yaml`, then `kubectl apply -f calico.yaml`",),
            undo=("the same with the former values",),
            notes=("PEM stands here as it is: the chart makes base64 of it.", f"{COMPACTION_NOTICE}."),
        )
    )
    network = "flannel" if canal else "calico"
    etcd: dict[str, Plain] = {"endpoints": ",".join(endpoints), "tls": tls}
    text = title + dump({"datastore": "etcd", "network": network, "etcd": etcd})
    return text if with_keys else text + "    # key: the private key is left out here, and the chart needs it\n"
