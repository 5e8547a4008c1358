"""Who has data in the v2 store, and the patterns that each is given: by the spec, or by the catalog's tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ringfence.catalog.catalog import Catalog
from ringfence.catalog.entry import Commons, PatternNeed
from ringfence.errors import Place
from ringfence.model.names import UserName
from ringfence.model.permission import Access
from ringfence.model.v2 import Pattern, ReachV2
from ringfence.spec.shape import (
    Calico,
    CatalogComponent,
    KubeApiserver,
    OwnComponent,
    Spec,
    StorageBackend,
)
from ringfence.wanted.components.calico import CALICO, Cataloged
from ringfence.wanted.components.part import Certified, release_notes
from ringfence.wanted.components.stores import Store, store_of
from ringfence.wanted.components.uses import settle
from ringfence.wanted.segments.grants import Granted
from ringfence.wanted.segments.owner import Owner
from ringfence.wanted.v2.paths import region
from ringfence.wanted.v2.wanted import IdentityV2


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A pattern that somebody is given, on behalf of a place in the spec."""

    access: Access
    pattern: Pattern
    shares_with: tuple[str, ...]
    place: Place
    reason: str

    @property
    def granted(self) -> Granted:
        """The same in keys, as far as paths are compared."""
        return Granted(
            access=self.access,
            keys=region(self.pattern),
            shares_with=self.shares_with,
            place=self.place,
            reason=self.reason,
        )


@dataclass(slots=True)
class Found:
    """Everybody, and what they are given."""

    identities: list[IdentityV2] = field(default_factory=list)
    owners: dict[Owner, list[Given]] = field(default_factory=dict)
    commons: dict[Owner, tuple[Given, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, user: UserName, label: str, owner: Owner, given: Sequence[Given], place: Place) -> None:
        """An identity with its role."""
        self.owners.setdefault(owner, list(self.commons.get(owner, ()))).extend(given)
        self.identities.append(
            IdentityV2(
                user=user,
                label=label,
                owner=owner,
                certificates=(Certified(user),),
                reach=ReachV2(
                    read=frozenset(each.pattern for each in given if each.access.reads),
                    write=frozenset(each.pattern for each in given if each.access.writes),
                ),
                place=place,
            )
        )


def collect(spec: Spec, catalog: Catalog) -> Found:
    """Everybody in the spec who has data in v2."""
    found = Found()
    for component in spec.components:
        match component:
            case OwnComponent() if component.patterns:
                given = [
                    Given(
                        access=each.access,
                        pattern=each.pattern,
                        shares_with=each.shares_with,
                        place=each.place,
                        reason="granted in the spec",
                    )
                    for each in component.patterns
                ]
                found.add(component.identity, "own component", Owner(component.identity), given, component.place)
            case KubeApiserver() if component.backend is StorageBackend.ETCD2:
                _add_kube_apiserver(found, component, catalog)
            case Calico():
                _add_calico(found, component, catalog)
            case CatalogComponent():
                _add_cataloged(found, component, catalog)
    return found


def _add_kube_apiserver(found: Found, component: KubeApiserver, catalog: Catalog) -> None:
    entry = catalog.entry("kube-apiserver")
    options = {"etcd-prefix": component.prefix.rstrip("/"), "storage-backend": component.backend.value}
    needs = entry.patterns(component.version or entry.known[0], options)
    owner = Owner(component.identity)
    found.add(component.identity, "kube-apiserver", owner, _needed(needs, component.place), component.place)
    found.notes += release_notes(entry, component.version, needed=False)


def _add_calico(found: Found, component: Calico, catalog: Catalog) -> None:
    parts = [(part, Cataloged.of(component, part, catalog)) for part in component.parts]
    if any(store_of(known.entry, known.version, known.options) is not Store.V2 for _, known in parts):
        return
    found.commons[CALICO] = _family(parts[0][1].entry.commons, component.place)
    for part, known in parts:
        needs = known.entry.patterns(known.version, known.options)
        found.add(part.identity, part.component, CALICO, _needed(needs, component.place), component.place)
        found.notes += release_notes(known.entry, component.version, needed=False)


def _add_cataloged(found: Found, component: CatalogComponent, catalog: Catalog) -> None:
    settled, _ = settle(component, catalog, ())  # what is wrong with it is said with v3
    if settled is None:
        return
    entry, options = settled
    if store_of(entry, component.version, options) is not Store.V2:
        return
    owner = Owner(component.identity if entry.commons is None else entry.commons.owner)
    if entry.commons is not None:
        found.commons.setdefault(owner, _family(entry.commons, component.place))
    given = _needed(entry.patterns(component.version, options), component.place, component.shares_with)
    found.add(component.identity, component.use, owner, given, component.place)
    found.notes += release_notes(entry, component.version)


def _needed(needs: Iterable[PatternNeed], place: Place, shares_with: tuple[str, ...] = ()) -> tuple[Given, ...]:
    return tuple(
        Given(access=need.access, pattern=need.pattern, shares_with=shares_with, place=place, reason=need.reason)
        for need in needs
    )


def _family(commons: Commons | None, place: Place) -> tuple[Given, ...]:
    """The paths of a family, given to nobody by this."""
    assert commons is not None
    return tuple(
        Given(
            access=Access.READ,
            pattern=Pattern(f"{prefix}*"),
            shares_with=(),
            place=place,
            reason="paths that cannot be moved",
        )
        for prefix in commons.prefixes
    )
