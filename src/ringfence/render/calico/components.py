"""Calico's hosted manifest with an identity for each of its programs, so that each holds only its own keys in etcd.

Each identity has a Secret of its own, and each container sees only that one, at the same path; so the ConfigMap says
the same to all. The Secret of the release, ``calico-etcd-secrets``, is left as it is and used by nobody: while the pods
are replaced one after the other, those that still wait need what is in it, so it is not emptied here and not made into
another's. Where it holds a private key and none should be in the result, that key is taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ringfence.errors import ManifestError, Problem
from ringfence.model.credentials import Credentials
from ringfence.render.calico.canal_job import notices, unwritable, writing_network
from ringfence.render.calico.parts import SECRET, Part, Parts, Seat, calico_parts
from ringfence.render.calico.secret_volume import attached, unattachable
from ringfence.render.calico.settings import configured, not_compacting
from ringfence.render.datastore import Datastore
from ringfence.render.manifests.etcd_secret import Values, filled, new_secrets, secret_values, taken
from ringfence.render.manifests.manifest import Resource, named, resources
from ringfence.render.manifests.patch import Change, Patched, Work, patched
from ringfence.yamlio.entry import emptied
from ringfence.yamlio.nodes import Scalar

SECRETS = {
    Part.NODE: "calico-node-etcd-secrets",
    Part.CNI: "calico-cni-etcd-secrets",
    Part.CONTROLLERS: "calico-kube-controllers-etcd-secrets",
    Part.FLANNEL: "flannel-etcd-secrets",
}
"""The name of the Secret of each part."""

_HELD = (
    f"no pod of this manifest uses Secret {SECRET} any more; it stays for pods that wait to be replaced: "
    "when all are, delete it and take it out of the manifest"
)
_EMPTY = (
    f"no pod of this manifest uses Secret {SECRET}, and it is empty here; where pods in the cluster still use it, "
    "take it out of the manifest before you apply it"
)


def patch_calico_components(
    text: str,
    file: str,
    *,
    endpoints: Sequence[str],
    identities: Mapping[Part, Credentials],
    with_keys: bool,
    datastore: Datastore = Datastore.ETCD_V3,
) -> Patched:
    """The hosted manifest ``text``, made to use etcd with one identity for each part.

    Doing it again with the same values changes nothing.

    Args:
        text: the manifest, with its line endings as they are in the file.
        file: its name, for the places of problems.
        endpoints: etcd's client URLs.
        identities: for each part the CA, certificate and key of its identity; with one for flannel the manifest is
            canal's, and its Job uses that one too.
        with_keys: whether the private keys are put in; else their places stay empty, or are emptied.
        datastore: the store of etcd that this Calico uses.

    Raises:
        ManifestError: the manifest has not the parts that it should have (all of what is missing), the name of a Secret
            is taken, it cannot be changed in place, or holds a private key although none should be in the result.
    """
    canal = Part.FLANNEL in identities
    if set(identities) != set(Part) - (set() if canal else {Part.FLANNEL}):
        raise ValueError("each part needs an identity")
    values = {part: secret_values(identities[part], with_keys=with_keys) for part in Part if part in identities}

    def plan(here: str) -> Work:
        found = resources(here, file)
        parts = calico_parts(found, file, canal=canal, separate=True, datastore=datastore)
        problems = list(_problems(found, parts, values))
        if problems:
            raise ManifestError(*problems)
        changes = _changes(here, found, parts, endpoints, values)
        changes += not_compacting(here, parts.seat(Part.CONTROLLERS).container, datastore)
        if not with_keys and parts.secret is not None:
            changes += _without_key(here, parts.secret)
        told = [notice for job in parts.jobs for notice in notices(job, parts.seat(Part.FLANNEL).container)]
        if parts.secret is not None:
            told.append(_HELD if parts.secret.body.text("data", "etcd-cert") else _EMPTY)
        return Work(tuple(changes), parts.seat(Part.NODE).container.version, tuple(told))

    return patched(text, file, plan, with_keys=with_keys)


def _problems(found: Sequence[Resource], parts: Parts, values: Mapping[Part, Values]) -> Iterator[Problem]:
    yield from taken(found, (SECRETS[part] for part in values), _namespace(parts))
    for seats in _by_workload(parts):
        for number, seat in enumerate(seats):
            yield from unattachable(seat, seats[:number])
    for job in parts.jobs:
        yield from unwritable(job, parts.seat(Part.FLANNEL).container)


def _changes(
    text: str, found: Sequence[Resource], parts: Parts, endpoints: Sequence[str], values: Mapping[Part, Values]
) -> list[Change]:
    changes = [*configured(text, parts.config, endpoints)]
    namespace = _namespace(parts)
    missing: dict[str, Values] = {}
    for part, wanted in values.items():
        same = [one for one in named(found, "Secret", SECRETS[part]) if (one.namespace or namespace) == namespace]
        if same:
            changes += filled(text, same[0], wanted)
        else:
            missing[SECRETS[part]] = wanted
    changes += new_secrets(text, parts.secret or parts.config, missing, namespace)
    for seats in _by_workload(parts):
        changes += attached(text, seats, SECRETS)
    for job in parts.jobs:
        changes += writing_network(text, job, parts.seat(Part.FLANNEL).container, parts.config.name)
    return changes


def _by_workload(parts: Parts) -> list[list[Seat]]:
    """The seats, those in one pod together, calico-node first."""
    groups: dict[int, list[Seat]] = {}
    for seat in (*parts.seats, *parts.jobs):
        groups.setdefault(seat.workload.body.extent.start, []).append(seat)
    return list(groups.values())


def _namespace(parts: Parts) -> str | None:
    """Where the pods are, and so their Secrets have to be."""
    return parts.seat(Part.NODE).workload.namespace


def _without_key(text: str, secret: Resource) -> Iterator[Change]:
    here = secret.body.get("data", "etcd-key")
    if isinstance(here, Scalar):
        yield Change(f"{secret}: etcd-key is emptied", emptied(text, here))
