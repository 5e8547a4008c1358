"""What components of a spec are: Calico's identities, presets, passwords, and whatever else the catalog has."""

from __future__ import annotations

import pytest

from ringfence.errors import Place
from ringfence.keyspace import Span
from ringfence.model.version import Version
from ringfence.spec.shape import (
    Calico,
    CatalogComponent,
    Compaction,
    KubeApiserver,
    OwnComponent,
    PasswordSource,
    Segmentation,
    Setting,
    Transport,
)
from tests.unit.spec.reading import FOLDER, HEAD, good

ALL = "calicoctl: [read-only, policy-editor, full]"


@pytest.mark.parametrize(
    ("text", "identities"),
    [
        ("", ["calico"]),
        ("name: prod", ["prod"]),
        ("network: canal", ["calico"]),
        (f"name: prod, {ALL}", ["prod", "calicoctl-read-only", "calicoctl-policy-editor", "calicoctl-full"]),
        ("segmentation: component", ["calico-node", "calico-cni", "calico-kube-controllers"]),
        (
            "segmentation: component, network: canal, calicoctl: [full]",
            ["calico-node", "calico-cni", "calico-kube-controllers", "flannel", "calicoctl-full"],
        ),
        (
            "segmentation: component, calicoctl: [full], identities: {calico-cni: cni, calicoctl-full: admin}",
            ["calico-node", "cni", "calico-kube-controllers", "admin"],
        ),
    ],
)
def test_calico_identities(text: str, identities: list[str]) -> None:
    """One identity or one for each component, each under its own name or another one."""
    (calico,) = good(f"{HEAD}components: [{{use: calico, {text}}}]\n").components
    assert isinstance(calico, Calico)
    assert identities == [part.identity for part in calico.parts]
    assert identities[0] == calico.identity
    assert ("component" in text) == (calico.segmentation is Segmentation.COMPONENT)


def test_calico_identity_by_component() -> None:
    """A component's identity is found by its name in the catalog."""
    text = "components: [{use: calico, segmentation: component, identities: {calico-cni: cni}}]\n"
    (calico,) = good(HEAD + text).components
    assert isinstance(calico, Calico)
    assert ("cni", None) == (calico.identity_of("calico/cni"), calico.identity_of("flannel"))


def test_catalog_component() -> None:
    """Whatever is none of the spec's own keys is an option, with its place."""
    component, other = good(
        f"{HEAD}components:\n"
        "  - {use: patroni, name: pg, version: 4.1, scope: a, transport: gateway, password: {file: pw}}\n"
        "  - {use: calico/openstack-driver, password: {env: NEUTRON}, shares-with: [pg]}\n"
    ).components
    path = "components[0]"
    assert component == CatalogComponent(
        identity=component.identity,
        use="patroni",
        use_place=Place("ringfence.yaml", 4, f"{path}.use"),
        version=Version(4, 1),
        options={"scope": Setting("a", Place("ringfence.yaml", 4, f"{path}.scope"))},
        transport=Transport.GATEWAY,
        password=PasswordSource(file=FOLDER / "pw"),
        shares_with=(),
        place=Place("ringfence.yaml", 4, path),
    )
    assert isinstance(component, CatalogComponent)
    assert isinstance(other, CatalogComponent)
    assert ("pg", "calico-openstack-driver") == (component.identity, other.identity)
    assert (PasswordSource(variable="NEUTRON"), ("pg",)) == (other.password, other.shares_with)


def test_compaction_by_another() -> None:
    """Several kube-apiservers may name the same compactor."""
    text = "  - {use: kube-apiserver, compaction: {by: c}}\n"
    text += "  - {use: kube-apiserver, name: two, etcd-prefix: /two, compaction: {by: c}}\n"
    components = good(f"{HEAD}components:\n{text}").components
    for component in components:
        assert isinstance(component, KubeApiserver)
        assert (Compaction.BY, "c") == (component.compaction, component.compactor)


def test_preset() -> None:
    """A preset gives each component its own keys, and says that they come from where it is used."""
    spec = good(
        f"{HEAD}presets:\n"
        "  team: [{prefix: '/teams/{team}/', access: readwrite, except: ['/teams/{team}/{name}/']}]\n"
        "components:\n"
        "  - {use: team, name: shop, team: retail}\n"
        "  - {use: team, name: books, team: /a/b, transport: gateway, password: {env: PW}}\n"
    )
    assert ["team"] == [preset.name for preset in spec.presets]
    shop, books = spec.components
    assert isinstance(shop, OwnComponent)
    assert isinstance(books, OwnComponent)
    assert ("team", None) == (shop.preset, shop.password)
    assert Span.of_prefix(b"/teams/retail/") == shop.grants[0].span
    assert (Span.of_prefix(b"/teams/retail/shop/"),) == shop.grants[0].exclude
    assert Place("ringfence.yaml", 6, "components[0]") == shop.grants[0].place
    assert (Span.of_prefix(b"/teams//a/b/"), PasswordSource(variable="PW")) == (books.grants[0].span, books.password)


def test_a_password_source_tells_where() -> None:
    """A source is shown as the place where the password stands."""
    assert "the variable PW" == str(PasswordSource(variable="PW"))
    assert f"the file {FOLDER}/pw" == str(PasswordSource(file=FOLDER / "pw"))
