"""Canal's Job that writes flannel's network into etcd, made to do so over TLS and so that flannel finds it.

Calico's manifests use commands of etcdctl's API 2 throughout, also with images (etcd v3.4 and later) that take them for
API 3 and fail, and beside a flannel that reads API 3 only. So it is flannel's release that tells which one is written.
"""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.errors import Problem
from ringfence.render.calico.parts import MOUNT, NETWORK_CONFIG, Seat
from ringfence.render.manifests.manifest import Container, variables
from ringfence.render.manifests.patch import Change
from ringfence.yamlio.commented import blocks, switched_on
from ringfence.yamlio.entry import New, extended, inserted, removed, replaced
from ringfence.yamlio.nodes import Mapping, Node, Scalar, Sequence

_FLAGS = {
    "--cert-file": f"{MOUNT}/etcd-cert",
    "--key-file": f"{MOUNT}/etcd-key",
    "--ca-file": f"{MOUNT}/etcd-ca",
}
"""etcdctl's flags for TLS in API 2 (etcd ``etcdctl/ctlv2/ctl.go``)."""

_VARIABLES = {
    "ETCDCTL_ENDPOINTS": "etcd_endpoints",
    "ETCDCTL_CACERT": "etcd_ca",
    "ETCDCTL_CERT": "etcd_cert",
    "ETCDCTL_KEY": "etcd_key",
}
"""etcdctl's variables in API 3, and the keys of the ConfigMap that they are taken from."""

_SHADOWING = ("--endpoints", "--cacert", "--cert", "--key")
"""Flags that etcdctl does not take together with those variables (etcd ``pkg/flags/flag.go``)."""

_VERBS = {"set", "mk", "put"}

_API_3_OF_FLANNEL = (0, 18)
"""From there on flannel speaks API 3 only, before that API 2 only (flannel ``subnet/etcd/registry.go``)."""

_API_3_BY_DEFAULT = (3, 4)
"""From there on etcdctl speaks API 3 unless told otherwise (etcd ``etcdctl/main.go``)."""


def notices(job: Seat, flannel: Container) -> Iterator[str]:
    """What the operator has to know about the Job and the flannel that it is for."""
    yield f"{job.workload} cannot be changed in the cluster, as no Job can: delete it before you apply this manifest"
    if _api(job, flannel) == 2:
        yield (
            f"flannel {flannel.version} speaks etcd's API 2, which has users and roles of its own, and which etcd must "
            "still offer; from 0.18 on flannel speaks API 3"
        )


def unwritable(job: Seat, flannel: Container) -> Iterator[Problem]:
    """Why the Job's command cannot be changed."""
    container = job.container
    words = _words(container)
    if words is None:
        hint = f'write it as a list: ["etcdctl", "put", "{NETWORK_CONFIG}", ...]'
        yield Problem(f"the command of container {container.name} cannot be told apart", container.place, hint)
        return
    api = _api(job, flannel)
    if api is None:
        hint = f"set the variable ETCDCTL_API of container {container.name} to 2 (flannel before 0.18) or 3"
        yield Problem("the image of flannel does not tell its version, and so not its API", flannel.place, hint)
    for word in words if api == 3 else ():
        if word.text.partition("=")[0] in _SHADOWING:
            what = f"container {container.name} says {word.text.partition('=')[0]}, which shadows the ConfigMap"
            yield Problem(what, container.place, "remove the flag")


def writing_network(text: str, job: Seat, flannel: Container, config_map: str) -> Iterator[Change]:
    """What makes the Job use TLS; see ``unwritable`` for what it needs."""
    api = _api(job, flannel)
    missing: dict[str, New] = {}
    told = f"container {job.container.name}: ETCDCTL_API"
    default = _default(job.container)
    present = list(variables(job.container, "ETCDCTL_API"))
    for variable in present:
        here = variable.get("value")
        if isinstance(here, Scalar):
            yield Change(f"{told} is {api}", replaced(text, here, str(api), flow=variable.flow))
    if not present and default != api:
        missing["ETCDCTL_API"] = {"name": "ETCDCTL_API", "value": str(api)}
    yield from _api_3(text, job, config_map, missing) if api == 3 else _api_2(text, job)
    if missing:
        new = list(missing.values())
        what = f"container {job.container.name}: {', '.join(missing)} added"
        yield Change(what, extended(text, job.container.body, "env", new))


def _api(job: Seat, flannel: Container) -> int | None:
    """The API that flannel reads; where its image does not tell, the one that the Job is told to use."""
    if flannel.version is not None:
        return 3 if flannel.version.line >= _API_3_OF_FLANNEL else 2
    told = [variable.text("value") for variable in variables(job.container, "ETCDCTL_API")]
    return {"2": 2, "3": 3}.get(told[0] or "") if told else None


def _default(container: Container) -> int | None:
    """The API that its etcdctl speaks when it is not told."""
    version = container.version
    return None if version is None else 3 if version.line >= _API_3_BY_DEFAULT else 2


def _command(container: Container) -> Sequence | None:
    """The list that holds etcdctl's verb and the key."""
    return _holding(container, {NETWORK_CONFIG})[0]


def _program(container: Container) -> tuple[Sequence | None, Scalar | None]:
    """The list that etcdctl stands in, before its flags, and where."""
    return _holding(container, {"etcdctl", "/usr/local/bin/etcdctl"})


def _holding(container: Container, words: set[str]) -> tuple[Sequence | None, Scalar | None]:
    """The list that holds one of the words, and the word."""
    for field in ("command", "args"):
        found = container.body.get(field)
        for item in found if isinstance(found, Sequence) else ():
            if isinstance(found, Sequence) and isinstance(item, Scalar) and item.text in words:
                return found, item
    return None, None


def _words(container: Container) -> list[Scalar] | None:
    """The words of the list with the verb, None where they are not what is expected."""
    command = _command(container)
    words = [] if command is None else [word for word in command if isinstance(word, Scalar)]
    if command is None or len(words) != len(command.items) or _program(container)[0] is None:
        return None
    return words if any(word.text in _VERBS for word in words) else None


def _api_3(text: str, job: Seat, config_map: str, missing: dict[str, New]) -> Iterator[Change]:
    container, command = job.container, _command(job.container)
    assert command is not None
    told = f"container {container.name}"
    for word in command:
        assert isinstance(word, Scalar)
        name = word.text.partition("=")[0]
        if name == "--no-sync" or name in _FLAGS:
            yield Change(f"{told}: {name} is taken out", removed(text, command, word))
        elif word.text in {"set", "mk"}:
            yield Change(f"{told}: put instead of {word.text}", replaced(text, word, "put", flow=command.flow))
    for name, key in _VARIABLES.items():
        source = {"name": config_map, "key": key}
        present = list(variables(container, name))
        old = list(variables(container, "ETCDCTL_PEERS")) if name == "ETCDCTL_ENDPOINTS" and not present else []
        for variable in old:
            here = variable.get("name")
            assert isinstance(here, Scalar)
            yield Change(f"{told}: {name} instead of {here.text}", replaced(text, here, name, flow=variable.flow))
        for variable in (*present, *old):
            yield from _wired(text, variable, f"{told}: {name}", source)
        if not present and not old:
            missing[name] = {"name": name, "valueFrom": {"configMapKeyRef": source}}


def _wired(text: str, variable: Mapping, told: str, wanted: dict[str, str]) -> Iterator[Change]:
    ref = variable.get("valueFrom", "configMapKeyRef")
    for name, value in wanted.items():
        here = ref.get(name) if isinstance(ref, Mapping) else None
        if isinstance(here, Scalar) and isinstance(ref, Mapping):
            yield Change(f"{told} is {name} {value} of the ConfigMap", replaced(text, here, value, flow=ref.flow))


def _api_2(text: str, job: Seat) -> Iterator[Change]:
    container, command = job.container, _command(job.container)
    assert command is not None
    key = next(key for key, value in container.body.entries if value is command)
    off = {_flag(block.node): block for block in ([] if command.flow else blocks(text, key, command))}
    words = [word for word in command if isinstance(word, Scalar)]
    missing: list[str] = []
    for name, path in _FLAGS.items():
        wanted = f"{name}={path}"
        present = [word for word in words if word.text.partition("=")[0] == name]
        for word in present:
            yield Change(f"container {container.name}: {wanted}", replaced(text, word, wanted, flow=command.flow))
        if not present and wanted in off:
            splice = switched_on(text, off[wanted], command.extent.column)
            yield Change(f"container {container.name}: {wanted} is switched on", (splice,))
        elif not present:
            missing.append(wanted)
    if missing:
        home, program = _program(container)
        assert home is not None
        assert program is not None
        what = f"container {container.name}: {' '.join(missing)} added"
        yield Change(what, inserted(text, home, program, missing))


def _flag(node: Node) -> str:
    """The one flag in a list, or nothing."""
    items = node.items if isinstance(node, Sequence) else ()
    return items[0].text if len(items) == 1 and isinstance(items[0], Scalar) else ""
