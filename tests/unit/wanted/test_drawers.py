"""Who draws what, and what ``check`` says of it."""

from __future__ import annotations

import pytest

from ringfence.ops.check import check
from ringfence.spec.shape import Calico
from ringfence.wanted.components.drawers import drawers
from tests.unit.wanted.building import HEAD, both

_APART = "nodes are not separated from each other"
_SHARED = "the containers of one pod share a service account"


def _text(way: str, *, identity: str = "node", kubernetes: str = "") -> str:
    apiserver = f'  - {{use: kube-apiserver, kubernetes: "{kubernetes}"}}\n' if kubernetes else ""
    calico = f"  - {{use: calico, segmentation: node, identity: {identity}, deliver: {way}}}\n"
    return f"{HEAD}nodes: [n1]\ncomponents:\n{apiserver}{calico}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (_text("hostpath", kubernetes="1.29"), (False, False)),
        (_text("openbao-agent", kubernetes="1.29"), (True, True)),
        (_text("openbao-agent", kubernetes="1.30"), (False, True)),
        (_text("openbao-agent"), (False, True)),
        (_text("vault-agent", kubernetes="1.29"), (True, True)),
        (_text("openbao-agent", identity="shared", kubernetes="1.29"), (False, True)),
    ],
)
def test_what_check_says(text: str, expected: tuple[bool, bool]) -> None:
    """Loudly where tokens name no node; and always that containers of one pod are not told apart."""
    notes = check(*both(text)).notes
    assert expected == tuple(any(part in note for note in notes) for part in (_APART, _SHARED))


def test_an_unknown_release_is_said() -> None:
    """Whether tokens name their node depends on it."""
    assert any("give the kube-apiserver its version" in note for note in check(*both(_text("openbao-agent"))).notes)


def test_vault_is_untested() -> None:
    """It is said of Vault's agent, and not of OpenBao's."""
    for way, expected in (("vault-agent", True), ("openbao-agent", False)):
        assert expected == any("untested" in note for note in check(*both(_text(way))).notes)


def test_who_draws_what() -> None:
    """The pods of a node draw two identities, those of the controllers one."""
    spec, _ = both(_text("openbao-agent", kubernetes="1.32"))
    (calico,) = (each for each in spec.components if isinstance(each, Calico))
    found = {each.account: [one.identity for one in each.identities] for each in drawers(spec, calico)}
    expected = {"calico-node": ["calico-node", "calico-cni"], "calico-kube-controllers": ["calico-kube-controllers"]}
    assert expected == found
