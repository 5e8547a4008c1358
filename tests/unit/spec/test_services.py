"""``services`` of a Calico: what runs on hosts, and how."""

from __future__ import annotations

import pytest

from ringfence.spec.services import Runs
from ringfence.spec.shape import Calico
from tests.unit.spec.reading import HEAD, good, problems


def _spec(calico: str) -> str:
    return f"{HEAD}components: [{{use: calico, {calico}}}]\n"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("network: calico", {}),
        ("services: {felix: unit}", {"felix": (Runs.UNIT, None)}),
        (
            "services: {calico-node: container, kube-controllers: unit}",
            {"calico-node": (Runs.CONTAINER, None), "kube-controllers": (Runs.UNIT, None)},
        ),
        (
            "services: {calico-node: {run: container, image: r.example:5000/node@sha256:ab}}",
            {"calico-node": (Runs.CONTAINER, "r.example:5000/node@sha256:ab")},
        ),
        ("deliver: secret, services: {kube-controllers: container}", {"kube-controllers": (Runs.CONTAINER, None)}),
    ],
)
def test_what_is_started(written: str, expected: dict[str, tuple[Runs, str | None]]) -> None:
    """A word is enough; nothing is started where nothing is written."""
    (calico,) = good(_spec(written)).components
    assert isinstance(calico, Calico)
    assert expected == {name: (each.runs, each.image) for name, each in calico.services.items()}


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("services: {calico-node: unit}", "'unit' is not one of container"),
        ("services: {felix: container}", "'container' is not one of unit"),
        ("services: {bird: unit}", "unknown key 'bird'"),
        ("services: {calico-node: container, felix: unit}", "Felix is in calico-node already"),
        ("services: {kube-controllers: {image: a}}", "run is missing"),
        ("services: {kube-controllers: {run: unit, image: a}}", "a unit runs a binary, and no image"),
        ("services: {kube-controllers: {run: container, image: 'a b'}}", "is no name of an image"),
        ("deliver: hostpath, services: {felix: unit}", "with deliver: hostpath its programs run in the pods"),
    ],
)
def test_what_cannot_be_started(written: str, what: str) -> None:
    """Each with the one thing that is wrong."""
    (problem,) = problems(_spec(written))
    assert what in problem.what


@pytest.mark.parametrize("segmentation", ["single", "component"])
def test_nodes_are_where_services_run(segmentation: str) -> None:
    """With identities that all nodes share they are only hosts; without services nobody would need them."""
    calico = f"segmentation: {segmentation}, services: {{felix: unit}}"
    spec = good(f"{_spec(calico)}nodes: [a]\n")
    assert ["a"] == [node.name for node in spec.nodes]
    (component,) = spec.components
    assert isinstance(component, Calico)
    assert not any(part.by_node for part in component.parts)
    without = _spec(f"segmentation: {segmentation}")
    assert ["nobody has identities by node"] == [each.what for each in problems(f"{without}nodes: [a]\n")]
