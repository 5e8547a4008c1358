"""Whether a component that the spec takes from the catalog is there, and can be used as the spec asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ringfence.catalog.catalog import Catalog
from ringfence.catalog.entry import Entry
from ringfence.catalog.entry import Transport as Speaks
from ringfence.errors import Problem
from ringfence.spec.passwords import GATEWAY, ONLY_GATEWAY, WHERE
from ringfence.spec.reader import nearest, shown
from ringfence.spec.shape import CatalogComponent, Transport
from ringfence.wanted.components.stores import Store, store_of

Settled = tuple[Entry, dict[str, str]]
"""A component of the catalog, and the options that the spec gives it."""


def settle(
    component: CatalogComponent, catalog: Catalog, presets: Iterable[str]
) -> tuple[Settled | None, tuple[Problem, ...]]:
    """The component's entry and options, or everything that is wrong with them.

    Args:
        component: as it is written.
        catalog: what there is.
        presets: the names that the spec itself adds, for hints.
    """
    entry = catalog.entries.get(component.use)
    if entry is None:
        what = f"{shown(component.use)} is no component of the catalog"
        hint = f"{catalog.near(component.use, *presets)}; an own component has no use"
        return None, (Problem(what, component.use_place, hint),)
    options: dict[str, str] = {}
    problems = list(_options(component, entry, options))
    store = None if problems else store_of(entry, component.version, options)
    problems += _login(component, entry, store)
    if not problems and store is None:
        what = f"the catalog does not know what {component.use} of {entry.releases} {component.version} needs"
        problems.append(Problem(what, component.place, f"ringfence catalog show {component.use} has what it knows"))
    return (None if problems else (entry, options)), tuple(problems)


def _options(component: CatalogComponent, entry: Entry, options: dict[str, str]) -> Iterator[Problem]:
    """Fill in ``options``; the problems of those that cannot be."""
    for name, setting in component.options.items():
        option = entry.options.get(name)
        if option is None:
            known = nearest(name, entry.options) or "it has none"
            yield Problem(f"{component.use} has no option {shown(name)}", setting.place, known)
            continue
        value = option.value(setting.text)
        if value is None:
            yield Problem(f"{shown(setting.text)} is no {name}", setting.place, f"give {option.expected}")
        else:
            options[name] = value
    for name, option in entry.options.items():
        if option.default is None and name not in component.options:
            yield Problem(f"{name} is missing", component.place, f"{option.about}; {option.expected}")


def _login(component: CatalogComponent, entry: Entry, store: Store | None) -> Iterator[Problem]:
    if store is Store.V2:
        if component.transport is not None or component.password is not None:
            what = f"{component.use} of that release speaks etcd v2, where the name in its certificate is its user"
            yield Problem(what, component.place, "remove transport and password")
    elif entry.transport is Speaks.GATEWAY:
        if component.transport is Transport.GRPC:
            yield Problem(f"{component.use} speaks etcd's JSON gateway, not gRPC", component.place, "remove transport")
        elif component.password is None:
            yield Problem(f"{component.use} {GATEWAY}", component.place, WHERE)
    elif component.transport is Transport.GATEWAY:
        what = f"{component.use} speaks gRPC, where the Common Name of its certificate is its user"
        yield Problem(what, component.place, "remove transport and password")
    elif component.password is not None:
        yield Problem(ONLY_GATEWAY, component.place, "remove the password: its certificate is enough")
