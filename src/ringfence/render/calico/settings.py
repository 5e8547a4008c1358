"""What Calico's manifest says the same with one identity and with many: where etcd is, and that nobody compacts it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Files

from ringfence.render.calico.parts import COMPACTION, MOUNT, SECRET_KEYS
from ringfence.render.datastore import Datastore
from ringfence.render.manifests.manifest import Container, Resource, variables
from ringfence.render.manifests.patch import Change
from ringfence.yamlio.entry import extended, replaced
from ringfence.yamlio.nodes import Mapping, Scalar

_COMPACTION_REASON = "etcd compacts itself; 0 because Calico must not compact what it shares with others."
"""With any other period kube-controllers uses ``compact_rev_key`` and the Compact call, which a fenced user may not
(Calico ``kube-controllers/pkg/kubecontrollers/run.go``)."""


SECRET_PATHS = {name: f"{MOUNT}/{key}" for name, key in SECRET_KEYS.items()}
"""For each path in the ConfigMap where the pods see that file of a Secret."""


def configured(
    text: str, config: Resource, endpoints: Sequence[str], paths: Files[str, str] = SECRET_PATHS
) -> Iterator[Change]:
    """What puts endpoints and the paths of the files, by default those of the Secret, into the ConfigMap."""
    data = config.body.get("data")
    assert isinstance(data, Mapping)
    values = {"etcd_endpoints": ",".join(endpoints), **paths}
    missing = {name: value for name, value in values.items() if data.get(name) is None}
    for name, value in values.items():
        here = data.get(name)
        if isinstance(here, Scalar):
            yield Change(f"{config}: {name} is {value}", replaced(text, here, value, flow=data.flow))
    if missing:
        added = ", ".join(f"{name} is {value}" for name, value in missing.items())
        yield Change(f"{config}: {added}", extended(text, config.body, "data", missing))


def not_compacting(text: str, controllers: Container, datastore: Datastore = Datastore.ETCD_V3) -> Iterator[Change]:
    """What makes kube-controllers leave etcd's history alone; etcd v2 keeps none, and its Calico compacts nothing."""
    if datastore is Datastore.ETCD_V2:
        return
    what = f"container {controllers.name}: {COMPACTION} is 0"
    present = list(variables(controllers, COMPACTION))
    for variable in present:
        here = variable.get("value")
        if isinstance(here, Scalar):
            yield Change(what, replaced(text, here, "0", flow=variable.flow))
        else:
            yield Change(what, extended(text, variable, "value", "0"))
    if not present:
        entry = {"name": COMPACTION, "value": "0"}
        yield Change(what, extended(text, controllers.body, "env", [entry], _COMPACTION_REASON))
