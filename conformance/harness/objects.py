"""Work for a kube-apiserver: many kinds of objects, each created, read, listed, watched, changed and deleted.

The kinds are chosen for what they do in etcd: allocators (Service), leases with a time to live (Event), custom
resources with keys of their own, large lists read in pages, and collections deleted in one request.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass

from conformance.harness.kubernetes import Json, Kubernetes, Object, Refused, Watch, name_of, named

_SPEC: Json = {"containers": [{"name": "c", "image": "example.invalid/c"}]}
_LABELS: Json = {"app": "conformance"}
_CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_WIDGETS = "/apis/conformance.example/v1"
_PAGES = 12
_READY_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What was done: requests by method, events of watches by type, and rounds."""

    rounds: int
    requests: dict[str, int]
    events: dict[str, int]
    watch_errors: tuple[str, ...]


def work(api: Kubernetes, seconds: float) -> Work:
    """Rounds of work until ``seconds`` are over, at least one.

    Raises:
        Refused: the API server refused a request, which it must not under a role that suffices.
    """
    deadline = time.monotonic() + seconds
    rounds = 0
    events: Counter[str] = Counter()
    _define(api)
    watched = ("/api/v1/configmaps", "/api/v1/pods", "/api/v1/events", f"{_WIDGETS}/widgets")
    with ExitStack() as stack:
        watches = [stack.enter_context(Watch(api, path)) for path in watched]
        while rounds == 0 or time.monotonic() < deadline:
            rounds += 1
            _round(api, f"conformance-{rounds}")
        time.sleep(1)
        for watch in watches:
            events.update(watch.seen)
    return Work(
        rounds=rounds,
        requests=dict(sorted(api.done.items())),
        events=dict(sorted(events.items())),
        watch_errors=tuple(error for watch in watches for error in watch.errors),
    )


def _define(api: Kubernetes) -> None:
    """A kind of our own, served as soon as its definition is established."""
    schema: Json = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    spec: Json = {
        "group": "conformance.example",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
    }
    definition = named("widgets.conformance.example", spec=spec)
    definition.update(apiVersion="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
    api.create(_CRD, definition)
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            api.get(f"{_WIDGETS}/widgets")
        except Refused:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _round(api: Kubernetes, namespace: str) -> None:
    api.create("/api/v1/namespaces", named(namespace))
    for collection, body in _objects(namespace).items():
        made = api.create(collection, body)
        path = f"{collection}/{name_of(made)}"
        api.get(path)
        api.patch(path, {"metadata": {"labels": {"round": namespace}}})
        fresh = api.get(path)
        metadata = fresh["metadata"]
        assert isinstance(metadata, dict)
        metadata["annotations"] = {"conformance.example/replaced": "yes"}
        api.replace(path, fresh)
        api.get(f"{collection}?resourceVersion=0")
        api.get(collection)
        api.delete(path)
    _pages(api, namespace)
    api.delete(f"/api/v1/namespaces/{namespace}")
    kept = api.get(f"/api/v1/namespaces/{namespace}")
    api.replace(f"/api/v1/namespaces/{namespace}/finalize", kept | {"spec": {"finalizers": []}})


def _pages(api: Kubernetes, namespace: str) -> None:
    """Many objects of one kind: listed in pages, which are read at one revision, then deleted together."""
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    for number in range(_PAGES):
        api.create(path, named(f"page-{number}", data={"number": str(number)}))
    more = ""
    while True:
        metadata = api.get(f"{path}?limit=5{more}")["metadata"]
        assert isinstance(metadata, dict)
        if not metadata.get("continue"):
            break
        more = f"&continue={metadata['continue']}"
    api.delete(path)


def _objects(namespace: str) -> dict[str, Object]:
    """One object a kind, by the collection that it is created in."""
    core, inside = f"/api/v1/namespaces/{namespace}", f"namespaces/{namespace}"
    pod: Json = {"metadata": {"labels": _LABELS}, "spec": _SPEC}
    involved: Json = {"kind": "Pod", "namespace": namespace, "name": "one"}
    ports: Json = [{"port": 80}]
    rules: Json = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    return {
        f"{core}/configmaps": named("one", data={"key": "value"}),
        f"{core}/secrets": named("one", stringData={"key": "value"}),
        f"{core}/serviceaccounts": named("one"),
        f"{core}/services": named("one", spec={"selector": _LABELS, "ports": ports}),
        f"{core}/pods": named("one", spec=_SPEC),
        f"{core}/events": named("one", involvedObject=involved, reason="Conformance", message="seen", type="Normal"),
        f"/apis/apps/v1/{inside}/deployments": named(
            "one", spec={"selector": {"matchLabels": _LABELS}, "template": pod, "replicas": 1}
        ),
        f"/apis/coordination.k8s.io/v1/{inside}/leases": named("one", spec={"holderIdentity": "conformance"}),
        f"/apis/networking.k8s.io/v1/{inside}/networkpolicies": named("one", spec={"podSelector": {}}),
        f"/apis/rbac.authorization.k8s.io/v1/{inside}/roles": named("one", rules=rules),
        f"{_WIDGETS}/{inside}/widgets": named(
            "one", spec={"size": 1}, apiVersion="conformance.example/v1", kind="Widget"
        ),
    }
