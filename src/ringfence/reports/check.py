"""What ``check`` found, as text and as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ringfence.keyspace import SpanSet
from ringfence.model.names import UserName
from ringfence.model.state import Reach
from ringfence.model.text import span_text
from ringfence.reports.check_v2 import check_v2_json, check_v2_text, closure_v2_text
from ringfence.reports.node_costs import costs_json, costs_text
from ringfence.reports.spans import spans_json
from ringfence.reports.table import counted, table
from ringfence.rules.answer import not_counted
from ringfence.wanted.build import Identity
from ringfence.wanted.components.costs import NodeCosts
from ringfence.wanted.findings.server import NamedServer
from ringfence.wanted.proved.closed import Closure
from ringfence.wanted.proved.closed_v2 import ClosureV2
from ringfence.wanted.proved.disjoint import Plot, Proof, Visit
from ringfence.wanted.v2.wanted import WantedV2
from ringfence.yamlio.dump import Plain

_MOST_SPANS = 4
"""More than this many spans of one kind are counted in the text; the JSON, and ``--prove``, have them all."""

_NAMED_SPANS = 2
"""More spans than this that somebody may reach are counted in the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """A spec without problems: who is in it, whose keys are whose, and what to know of it.

    ``v2`` is the same of the v2 store, None where that is none of the spec's business; ``has_v3`` whether v3 is. A
    ``closure`` is None where it was not asked for, or the store is none of the spec's business.
    ``server`` is what is known of the release that the spec names, None where it names none.
    """

    file: str
    identities: tuple[Identity, ...]
    proof: Proof
    notes: tuple[str, ...]
    closure: Closure | None = None
    costs: NodeCosts | None = None
    v2: WantedV2 | None = None
    closure_v2: ClosureV2 | None = None
    has_v3: bool = True
    server: NamedServer | None = None

    @property
    def holds(self) -> bool:
        """Whether the segments are disjoint and, as far as that was asked, nobody uninvited reaches one."""
        return self.proof.holds and not any(each and each.intruders for each in (self.closure, self.closure_v2))

    @property
    def is_sound(self) -> bool:
        """Whether the fence holds, and the etcd that the spec names has no known hole that the spec does not accept."""
        return self.holds and (self.server is None or self.server.sound)


def check_text(result: CheckResult, *, prove: bool = False) -> str:
    """The segments and who reaches them, then the notes.

    Args:
        result: what was found.
        prove: every span of every segment in the order of keys, instead of a summary.
    """
    parts = [_segments(result, prove=prove), _users(result), _verdict(result.proof)] if result.has_v3 else []
    parts += [] if result.v2 is None else [check_v2_text(result.v2)]
    parts += [] if result.closure is None else [_closure(result.closure, result.server)]
    parts += [] if result.closure_v2 is None else [closure_v2_text(result.closure_v2)]
    parts += [] if result.costs is None else [costs_text(result.costs)]
    parts += [] if not result.notes else ["\n".join(f"note: {note}" for note in result.notes)]
    return "\n\n".join(part for part in parts if part) + "\n"


def check_json(result: CheckResult) -> dict[str, Plain]:
    """The same as data: ``{"valid", "disjoint", "segments": [...], "identities": [...], "nodes", "server", "notes"}``.

    ``server`` is null where the spec names no release.
    """
    like = _alike(result.identities)
    return {
        "valid": True,
        "disjoint": result.proof.holds,
        "compared": result.proof.compared,
        "closed": None if result.closure is None else not result.closure.intruders,
        "segments": [_plot(plot, like) for plot in result.proof.plots],
        "identities": [
            {
                "name": identity.user,
                "kind": identity.label,
                "segment": identity.owner,
                "login": identity.login.value,
                "password": None if identity.password is None else str(identity.password),
                **_reach(identity.user, identity.reach, like),
                "node": identity.node,
                "certificates": len(identity.certificates),
                "place": str(identity.place),
            }
            for identity in result.identities
        ],
        **({} if result.v2 is None else {"v2": check_v2_json(result.v2, result.closure_v2)}),
        "nodes": costs_json(result.costs),
        "server": None if result.server is None else _server(result.server),
        "notes": list(result.notes),
    }


def _segments(result: CheckResult, *, prove: bool) -> str:
    """A row for each identity that belongs to a segment, and one for each visitor."""
    rows = [("SEGMENT", "KEYS", "WHO", "MAY")]
    for plot in result.proof.plots:
        spans = [span_text(span) for span in plot.spans] or ["none"]
        if len(spans) > _MOST_SPANS and not prove:
            spans = [*spans[: _MOST_SPANS - 1], f"and {len(spans) - _MOST_SPANS + 1} more"]
        who = [
            (name, _may(Reach(visit.read, visit.write), plot.spans, prove=prove))
            for name, visit in _gathered((*plot.members, *plot.visits), result.identities)
        ]
        height = max(len(spans), len(who))
        keys = spans + [""] * (height - len(spans))
        held = who + [("", "")] * (height - len(who))
        owners = [str(plot.owner)] + [""] * (height - 1)
        rows += [(owner, key, user, may) for owner, key, (user, may) in zip(owners, keys, held, strict=True)]
    return table(rows) if len(rows) > 1 else "no component: nothing is fenced in"


def _gathered(visits: Iterable[Visit], identities: Iterable[Identity]) -> list[tuple[str, Visit]]:
    """Each visit by its name; of a component's identities by node the first stands for all."""
    on_nodes = {identity.user: identity.label for identity in identities if identity.node is not None}
    rows: dict[str, tuple[Visit, int]] = {}
    for visit in visits:
        key = f"{on_nodes[visit.user]} on nodes" if visit.user in on_nodes else visit.user
        first, count = rows.get(key, (visit, 0))
        rows[key] = first, count + 1
    return [
        (str(first.user) if count == 1 else f"{first.user} and {count - 1:,} alike", first)
        for first, count in rows.values()
    ]


def _may(reach: Reach, segment: SpanSet, *, prove: bool) -> str:
    """``read``, ``write`` or both, and where the keys are not all of the segment's, which."""
    if not reach.read and not reach.write:
        return "nothing"
    if reach.read == reach.write:
        return _words("readwrite", reach.read, segment, prove=prove)
    words = []
    for access, keys in (("read", reach.read), ("write", reach.write)):
        if keys:
            words.append(_words(access, keys, segment, prove=prove))
    return ", ".join(words)


def _words(access: str, keys: SpanSet, segment: SpanSet, *, prove: bool) -> str:
    if keys == segment:
        return access
    spans = [span_text(span) for span in keys]
    return f"{access} {' '.join(spans)}" if len(spans) <= _NAMED_SPANS or prove else f"{access} {len(spans)} spans"


def _users(result: CheckResult) -> str:
    """Identities without a segment: the users of the spec."""
    rows = [
        (str(identity.user), identity.login.value, _list(reach.read), _list(reach.write))
        for identity in result.identities
        if identity.owner is None
        for reach in (identity.reach,)
    ]
    return table([("USER", "LOGIN", "MAY READ", "MAY WRITE"), *rows]) if rows else ""


def _list(keys: SpanSet) -> str:
    return ", ".join(span_text(span) for span in keys) or "nothing"


def _server(server: NamedServer) -> Plain:
    return {
        "etcd": str(server.version),
        "sound": server.sound,
        "holes": [{"id": one.hole.id, "accepted": one.accepted} for one in server.holes],
    }


def _closure(closure: Closure, server: NamedServer | None) -> str:
    asked = counted(closure.questions, "question")
    if not closure.intruders:
        found = f"nobody else reaches a segment ({asked} to etcd's own rules: who can read, who can write each span)"
        ways = () if server is None else not_counted(None, server.version)
        if server is not None and ways:
            named = ", ".join(hole.id for hole in ways)
            found += f"\nnot counted: what etcd {server.version} gives against its own rules, by {named}"
        return found
    return "\n".join(
        f"NOT closed: {one.user} may {one.access.value} {_list(one.keys)} of {one.owner}" for one in closure.intruders
    )


def _verdict(proof: Proof) -> str:
    if not proof.holds:
        return f"NOT disjoint: {', '.join(span_text(span) for span in proof.shared)}"
    segments = counted(len(proof.plots), "segment")
    return f"{segments}, pairwise disjoint ({counted(proof.compared, 'neighbouring pair')} of spans compared)"


def _plot(plot: Plot, like: Mapping[UserName, UserName]) -> Plain:
    return {
        "owner": plot.owner,
        "spans": spans_json(plot.spans),
        "members": [_visit(member, like) for member in plot.members],
        "reached_by": [_visit(visit, like) for visit in plot.visits],
    }


def _visit(visit: Visit, like: Mapping[UserName, UserName]) -> Plain:
    return {"identity": visit.user, **_reach(visit.user, Reach(visit.read, visit.write), like)}


def _reach(user: UserName, reach: Reach, like: Mapping[UserName, UserName]) -> dict[str, Plain]:
    """What somebody may read and write; of those who are alike only the first is written out."""
    if user in like:
        return {"read": None, "write": None, "like": like[user]}
    return {"read": spans_json(reach.read), "write": spans_json(reach.write)}


def _alike(identities: Iterable[Identity]) -> dict[UserName, UserName]:
    """For the identities of nodes the first that reaches just the same, where that is another one."""
    first: dict[Reach, UserName] = {}
    found: dict[UserName, UserName] = {}
    for identity in identities:
        if identity.node is not None and first.setdefault(identity.reach, identity.user) != identity.user:
            found[identity.user] = first[identity.reach]
    return found
