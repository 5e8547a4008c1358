"""Calico's ``calicoctl-etcd.yaml``, a Pod to run calicoctl in, with TLS switched on and one identity of calicoctl.

What the release left in comments for TLS is made part of the Pod where it stands, and added where it is not there. The
commented lines of the variables do not line up with those above them, so taking away their ``#`` by hand is not enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from ringfence.errors import ManifestError, Place, Problem
from ringfence.model.credentials import Credentials
from ringfence.model.version import Version
from ringfence.render.calico.parts import MOUNT
from ringfence.render.manifests.etcd_secret import Values, filled, new_secrets, secret_values, taken
from ringfence.render.manifests.manifest import (
    Container,
    Resource,
    containers,
    duplicates,
    mounts,
    named,
    resources,
    volumes,
)
from ringfence.render.manifests.manifest import variables as entries
from ringfence.render.manifests.patch import Change, Patched, Work, patched
from ringfence.yamlio.commented import blocks, switched_on
from ringfence.yamlio.entry import New, extended, replaced
from ringfence.yamlio.nodes import Mapping, Node, Scalar
from ringfence.yamlio.nodes import Sequence as Items

_VOLUME = "etcd-certs"
_VARIABLES = {
    "ETCD_ENDPOINTS": "etcd_endpoints",
    "ETCD_CA_CERT_FILE": "etcd_ca",
    "ETCD_KEY_FILE": "etcd_key",
    "ETCD_CERT_FILE": "etcd_cert",
}
_COUNTED_AS_CALICO = (3, 0)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
"""What Kubernetes takes as the name of a Secret (RFC 1123 subdomain)."""


def patch_calicoctl_pod(
    text: str, file: str, *, secret: str, credentials: Credentials, with_keys: bool, canal: bool = False
) -> Patched:
    """The manifest ``text`` of the Pod, made to use etcd with one identity.

    Where etcd is and what its files are called it takes from the ConfigMap of Calico's own manifest.

    Args:
        text: the manifest, with its line endings as they are in the file.
        file: its name, for the places of problems.
        secret: the name of the Secret for the identity, for example ``calicoctl-read-only-etcd-secrets``.
        credentials: the CA, the certificate and the key of the identity.
        with_keys: whether the private key is put in; else its place stays empty, or is emptied.
        canal: whether the ConfigMap is canal's.

    Raises:
        ManifestError: it is not that Pod, the Secret's name cannot be used or is taken, it cannot be changed in place,
            or holds a private key although none should be in the result.
    """
    values = secret_values(credentials, with_keys=with_keys)
    config_map = "canal-config" if canal else "calico-config"

    def plan(here: str) -> Work:
        found = resources(here, file)
        pod, container = _pod(found, file, secret)
        changes = [
            *_variables(here, container, config_map),
            *_mount(here, container),
            *_volume(here, pod, container, secret),
            *_secret(here, found, pod, secret, values),
        ]
        return Work(tuple(changes), _release(container))

    return patched(text, file, plan, with_keys=with_keys)


def _release(container: Container) -> Version | None:
    """The Calico of an image, which before 3.0 counted calicoctl for itself: 1.6 is of Calico 2.6."""
    version = container.version
    return None if version is None or version.line < _COUNTED_AS_CALICO else version


def _pod(found: Sequence[Resource], file: str, secret: str) -> tuple[Resource, Container]:
    hint = "take calicoctl-etcd.yaml of your Calico release"
    candidates = [
        (pod, container)
        for pod in found
        for container in (containers(pod) if pod.kind == "Pod" else ())
        if container.name == "calicoctl"
    ]
    problems = [] if candidates else [Problem("found no Pod with a container calicoctl", Place(file), hint)]
    for pod, _ in candidates[1:]:
        what = f"found a second Pod with a container calicoctl, the first is in line {candidates[0][0].place.line}"
        problems.append(Problem(what, pod.place, "leave only one"))
    for pod, container in candidates:
        problems += duplicates(pod.body, file)
        problems += _unusable(pod, container, hint)
        problems += taken(found, [secret], pod.namespace)
    if not _NAME.fullmatch(secret) or len(secret) > 253:
        problems.append(Problem(f"{secret!r} cannot be the name of a Secret", None, "use a-z, 0-9 and -"))
    if problems:
        raise ManifestError(*problems)
    return candidates[0]


def _unusable(pod: Resource, container: Container, hint: str) -> Iterator[Problem]:
    file = pod.place.file
    for variable in entries(container, "DATASTORE_TYPE"):
        if variable.text("value") == "kubernetes":
            yield Problem("DATASTORE_TYPE is kubernetes", Place(file, variable.extent.line), hint)
    for name in _VARIABLES:
        for variable in entries(container, name):
            if not isinstance(variable.get("valueFrom", "configMapKeyRef", "name"), Scalar):
                place = Place(file, variable.extent.line)
                yield Problem(f"{name} is not taken from a ConfigMap", place, "write valueFrom.configMapKeyRef")
    for second in mounts(container, MOUNT)[1:]:
        yield Problem(f"a second volume is mounted at {MOUNT}", Place(file, second.extent.line), "leave only one")
    name = _volume_name(container)
    for volume in volumes(pod):
        if volume.text("name") == name and not isinstance(volume.get("secret"), Mapping):
            what = f"volume {name} has no Secret behind it"
            yield Problem(what, Place(file, volume.extent.line), "use another name for it")


def _variables(text: str, container: Container, config_map: str) -> Iterator[Change]:
    missing: list[New] = []
    told: list[str] = []
    for name, key in _VARIABLES.items():
        present = list(entries(container, name))
        for variable in present:
            for field, wanted in (("name", config_map), ("key", key)):
                here = variable.get("valueFrom", "configMapKeyRef", field)
                if isinstance(here, Scalar):
                    what = f"container {container.name}: {name} is {field} {wanted} of the ConfigMap"
                    yield Change(what, replaced(text, here, wanted, flow=variable.flow))
        if not present:
            change = _switched_on(
                text, container.body, "env", _is_item(name), f"container {container.name}: {name} is switched on"
            )
            if change is None:
                source = {"configMapKeyRef": {"name": config_map, "key": key}}
                missing.append({"name": name, "valueFrom": source})
                told.append(name)
            else:
                yield change
    if missing:
        yield Change(
            f"container {container.name}: {', '.join(told)} added", extended(text, container.body, "env", missing)
        )


def _mount(text: str, container: Container) -> Iterator[Change]:
    if mounts(container, MOUNT):
        return
    what = f"container {container.name}: {MOUNT} is volume {_VOLUME}"
    change = None
    if container.body.get("volumeMounts") is None:
        change = _switched_on(text, container.body, "env", _is_mounts, what, inside=False)
    new: list[New] = [{"mountPath": MOUNT, "name": _VOLUME}]
    yield change or Change(what, extended(text, container.body, "volumeMounts", new))


def _volume(text: str, pod: Resource, container: Container, secret: str) -> Iterator[Change]:
    name = _volume_name(container)
    what = f"{pod}: volume {name} is Secret {secret}"
    present = [volume for volume in volumes(pod) if volume.text("name") == name]
    for volume in present:
        source = volume.get("secret")
        here = source.get("secretName") if isinstance(source, Mapping) else None
        if isinstance(here, Scalar):
            yield Change(what, replaced(text, here, secret, flow=volume.flow))
        elif isinstance(source, Mapping):
            yield Change(what, extended(text, source, "secretName", secret))
    if not present and pod.pod is not None:
        change = _switched_on(text, pod.pod, "volumes", _is_item(name), f"{pod}: volume {name} is switched on")
        new: list[New] = [{"name": name, "secret": {"secretName": secret}}]
        yield change or Change(what, extended(text, pod.pod, "volumes", new))


def _volume_name(container: Container) -> str:
    return next((mount.text("name") or "" for mount in mounts(container, MOUNT)), _VOLUME)


def _secret(text: str, found: Sequence[Resource], pod: Resource, name: str, values: Values) -> Iterator[Change]:
    same = [one for one in named(found, "Secret", name) if (one.namespace or pod.namespace) == pod.namespace]
    if same:
        yield from filled(text, same[0], values)
    else:
        yield from new_secrets(text, pod, {name: values}, pod.namespace)


def _switched_on(
    text: str, parent: Mapping, key: str, wanted: Callable[[Node], bool], what: str, *, inside: bool = True
) -> Change | None:
    """A change that makes a commented block part of what stands under ``key``, or with ``inside`` False of ``parent``.

    None where no such block is found there.
    """
    for name, value in parent.entries:
        if not (isinstance(name, Scalar) and name.text == key) or parent.flow:
            continue
        column = value.extent.column if isinstance(value, Items) else name.extent.column + 2
        for block in blocks(text, name, value):
            if wanted(block.node):
                return Change(what, (switched_on(text, block, column if inside else name.extent.column),))
    return None


def _is_item(name: str) -> Callable[[Node], bool]:
    """Whether a block is a list with the one item of that name."""

    def wanted(node: Node) -> bool:
        items = node.items if isinstance(node, Items) else ()
        return len(items) == 1 and isinstance(items[0], Mapping) and items[0].text("name") == name

    return wanted


def _is_mounts(node: Node) -> bool:
    return isinstance(node, Mapping) and isinstance(node.get("volumeMounts"), Items)
