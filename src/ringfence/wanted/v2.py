"""What should be in etcd's v2 store: its users, its roles of patterns, and whose paths are whose.

The users are named as those of v3 would be and log in with the same certificates, so a component that has data in both
stores is one identity with a user in each. Beside them there are root, and the role of the guest with nothing in it:
without it etcd makes one that may do everything when auth is switched on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ringfence.catalog.catalog import Catalog
from ringfence.catalog.entry import Commons, PatternNeed
from ringfence.errors import Place, Problem
from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.state import Login, User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, ReachV2, StateV2
from ringfence.spec.shape import (
    Calico,
    CatalogComponent,
    KubeApiserver,
    OwnComponent,
    PatternGrant,
    Spec,
    StorageBackend,
)
from ringfence.wanted.calico import CALICO, Cataloged
from ringfence.wanted.grants import Granted
from ringfence.wanted.owner import Owner
from ringfence.wanted.part import Certified, release_notes
from ringfence.wanted.segments import divide
from ringfence.wanted.sharing import misnamed
from ringfence.wanted.stores import Store, store_of
from ringfence.wanted.uses import settle


@dataclass(frozen=True, slots=True)
class SegmentV2:
    """The patterns of the paths that belong to one owner."""

    owner: Owner
    patterns: frozenset[Pattern]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityV2:
    """A component that logs in to v2.

    Args:
        user: its name in etcd.
        label: what it is, as of an identity of v3.
        owner: the segment that it belongs to.
        certificates: what it logs in with.
        reach: what its role allows.
        place: where it is written.
    """

    user: UserName
    label: str
    owner: Owner
    certificates: tuple[Certified, ...]
    reach: ReachV2
    place: Place


@dataclass(frozen=True, slots=True)
class WantedV2:
    """What should be in the v2 store; ``notes`` is what to know of it although it is right."""

    state: StateV2
    identities: tuple[IdentityV2, ...]
    segments: tuple[SegmentV2, ...]
    notes: tuple[str, ...] = ()

    @property
    def shared(self) -> tuple[Span, ...]:
        """Paths that two segments have in common, because a pattern that is shared in part is its owner's too."""
        regions = [SpanSet(span for each in one.patterns for span in region(each)) for one in self.segments]
        spans = sorted((span for keys in regions for span in keys), key=lambda span: span.start)
        found: list[Span] = []
        furthest: Span | None = None
        for span in spans:
            if furthest is not None and furthest.overlaps(span):
                found.append(furthest & span)
            if furthest is None or _is_later(span, furthest):
                furthest = span
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
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
class _Found:
    """Everybody, and what they are given."""

    identities: list[IdentityV2] = field(default_factory=list)
    owners: dict[Owner, list[_Given]] = field(default_factory=dict)
    commons: dict[Owner, tuple[_Given, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, user: UserName, label: str, owner: Owner, given: Sequence[_Given], place: Place) -> None:
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


def region(pattern: Pattern) -> SpanSet:
    """The keys and directories within reach of a pattern, as spans of paths.

    A pattern on a directory, whether it ends in a star or not, reaches what lies right below it; ``rules.v2.overlaps``
    says why.
    """
    if pattern.stem is None:
        node = pattern.text.rstrip("/")
        return SpanSet([Span.of_prefix(f"{node}/".encode()), *_key(node)])
    below = Span.of_prefix(pattern.stem.encode() or b"/")
    return SpanSet([below, *(_key(pattern.stem[:-1]) if pattern.stem.endswith("/") else ())])


def examine_v2(spec: Spec, catalog: Catalog, *, whole: bool = True) -> tuple[WantedV2 | None, tuple[Problem, ...]]:
    """What is wanted in v2, None where ``cluster.api`` does not have it, and what is wrong with it.

    Args:
        spec: the spec.
        catalog: what the components of the catalog need.
        whole: whether nothing was left out of the spec when it was read; see ``build.examine``.
    """
    if not spec.cluster.has_v2:
        return None, ()
    found = _collect(spec, catalog)
    granted = {owner: [each.granted for each in given] for owner, given in found.owners.items()}
    _, overlaps = divide(granted)
    problems = (
        *_unusable(found.identities),
        *(misnamed(granted, {}) if whole else ()),
        *(replace(each, hint=_narrower(each.hint)) for each in _one_a_place(overlaps)),
    )
    wanted = WantedV2(
        state=_state(found.identities),
        identities=tuple(found.identities),
        segments=_segments(found.owners, granted),
        notes=(*dict.fromkeys(found.notes), *_wide(spec), *_narrow(spec)),
    )
    return wanted, problems


def _collect(spec: Spec, catalog: Catalog) -> _Found:
    found = _Found()
    for component in spec.components:
        match component:
            case OwnComponent() if component.patterns:
                given = [
                    _Given(
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


def _add_kube_apiserver(found: _Found, component: KubeApiserver, catalog: Catalog) -> None:
    entry = catalog.entry("kube-apiserver")
    options = {"etcd-prefix": component.prefix.rstrip("/"), "storage-backend": component.backend.value}
    needs = entry.patterns(component.version or entry.known[0], options)
    owner = Owner(component.identity)
    found.add(component.identity, "kube-apiserver", owner, _needed(needs, component.place), component.place)
    found.notes += release_notes(entry, component.version, needed=False)


def _add_calico(found: _Found, component: Calico, catalog: Catalog) -> None:
    parts = [(part, Cataloged.of(component, part, catalog)) for part in component.parts]
    if any(store_of(known.entry, known.version, known.options) is not Store.V2 for _, known in parts):
        return
    found.commons[CALICO] = _family(parts[0][1].entry.commons, component.place)
    for part, known in parts:
        needs = known.entry.patterns(known.version, known.options)
        found.add(part.identity, part.component, CALICO, _needed(needs, component.place), component.place)
        found.notes += release_notes(known.entry, component.version, needed=False)


def _add_cataloged(found: _Found, component: CatalogComponent, catalog: Catalog) -> None:
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


def _needed(needs: Iterable[PatternNeed], place: Place, shares_with: tuple[str, ...] = ()) -> tuple[_Given, ...]:
    return tuple(
        _Given(access=need.access, pattern=need.pattern, shares_with=shares_with, place=place, reason=need.reason)
        for need in needs
    )


def _family(commons: Commons | None, place: Place) -> tuple[_Given, ...]:
    """The paths of a family, given to nobody by this."""
    assert commons is not None
    return tuple(
        _Given(
            access=Access.READ,
            pattern=Pattern(f"{prefix}*"),
            shares_with=(),
            place=place,
            reason="paths that cannot be moved",
        )
        for prefix in commons.prefixes
    )


def _unusable(identities: Iterable[IdentityV2]) -> Iterator[Problem]:
    """Names that are something else in v2 than in v3."""
    for identity in identities:
        if RoleName(identity.user) == GUEST_ROLE:
            what, hint = "the role guest is everybody's in etcd v2", "give the component another name"
            yield Problem(what, identity.place, hint)
        elif identity.user.startswith("_"):  # v2store hides such names, and users and roles are keys to it
            what = "etcd v2 lists no user whose name begins with _"
            yield Problem(what, identity.place, "name it otherwise, so that it can be planned and proved")


def _state(identities: Iterable[IdentityV2]) -> StateV2:
    """Root, the guest who may do nothing, and a user and a role for each identity; the role root is built in."""
    users = [User(ROOT_USER, frozenset({ROOT_ROLE}), Login.CERTIFICATE)]
    roles = [PatternRole(GUEST_ROLE)]
    for identity in identities:
        name = RoleName(identity.user)
        users.append(User(identity.user, frozenset({name}), Login.CERTIFICATE))
        roles.append(PatternRole(name, identity.reach.read, identity.reach.write))
    return StateV2.of(users, roles)


def _segments(
    owners: Mapping[Owner, Sequence[_Given]], granted: Mapping[Owner, Sequence[Granted]]
) -> tuple[SegmentV2, ...]:
    """The patterns of each owner, less those that lie in what others hold and share with it."""
    claims = {
        owner: SpanSet(span for each in grants if not each.shares_with for span in each.keys)
        for owner, grants in granted.items()
    }

    def is_own(owner: Owner, given: _Given) -> bool:
        foreign = SpanSet(
            span for name in given.shares_with if name != owner for span in claims.get(Owner(name), SpanSet())
        )
        return bool(region(given.pattern) - foreign)

    return tuple(
        SegmentV2(owner, frozenset(each.pattern for each in given if is_own(owner, each)))
        for owner, given in owners.items()
    )


def _wide(spec: Spec) -> Iterator[str]:
    """Patterns that also match what only begins alike."""
    for grant in _written(spec):
        stem = grant.pattern.stem
        if stem is not None and not stem.endswith("/"):
            yield f"{grant.pattern} also matches names that only begin alike, such as {stem}2 ({grant.place})"


def _narrow(spec: Spec) -> Iterator[str]:
    """Directories that their own component cannot list: etcd compares a path without its slash with another one."""
    for component in spec.components:
        patterns = component.patterns if isinstance(component, OwnComponent) else ()
        for grant in patterns:
            stem = grant.pattern.stem
            if stem is None or not stem.endswith("/") or stem == "/":
                continue
            directory = stem[:-1]
            if not any(each.pattern.matches(directory) for each in patterns):
                yield (
                    f"{grant.pattern} does not match {directory}, the directory itself: whoever lists or makes that "
                    f"needs the pattern {directory} as well ({grant.place})"
                )


def _written(spec: Spec) -> Iterator[PatternGrant]:
    return (each for component in spec.components if isinstance(component, OwnComponent) for each in component.patterns)


def _one_a_place(problems: Iterable[Problem]) -> Iterable[Problem]:
    """The first of each place: a directory and what is below it are two spans of one pattern."""
    first: dict[Place | None, Problem] = {}
    for problem in problems:
        first.setdefault(problem.place, problem)
    return first.values()


def _narrower(hint: str | None) -> str | None:
    """The hint about overlapping keys, without what patterns do not have."""
    return None if hint is None else hint.replace("narrow one of them with except", "narrow one of them")


def _is_later(one: Span, two: Span) -> bool:
    """Whether ``one`` ends after ``two``."""
    return two.end is not None and (one.end is None or one.end > two.end)


def _key(node: str) -> tuple[Span, ...]:
    return (Span.of_key(node.encode()),) if node else ()
