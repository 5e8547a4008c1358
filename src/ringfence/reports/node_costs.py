"""What the three ways cost in which identities can differ from node to node, as a short table and as data."""

from __future__ import annotations

from ringfence.reports.spans import spans_json
from ringfence.reports.table import counted, table
from ringfence.spec.shape import NodeIdentity
from ringfence.wanted.components.costs import Cost, NodeCosts
from ringfence.yamlio.dump import Plain

_SHUT_OUT = {
    NodeIdentity.SHARED: "revoke its certificates by serial: --client-crl-file on every member",
    NodeIdentity.NODE: "drop its users: take it from nodes, apply --prune users",
    NodeIdentity.SCOPED: "drop its users: take it from nodes, apply --prune users --prune roles",
}

_WATCHES = "watches that it has open go on until etcd is restarted, whichever way is taken"
"""etcd looks at permissions when a watch is made, and not again: ``server/etcdserver/api/v3rpc/watch.go``."""


def costs_text(costs: NodeCosts) -> str:
    """A row for each way, the chosen one marked, then what a stolen key may write and how the node is shut out."""
    title = f"{', '.join(costs.components)} on {counted(costs.nodes, 'node')}; the chosen way is marked:"
    rows: list[tuple[str, ...]] = [
        ("", "IDENTITY", "CERTIFICATES", "USERS", "ROLES", "PERMISSIONS", "AUTH WRITES", "FOR ONE MORE NODE")
    ]
    rows += [
        (
            "*" if cost.way is costs.chosen else "",
            cost.way.value,
            *(
                f"{number:,}"
                for number in (
                    cost.certificates,
                    cost.users,
                    cost.roles,
                    cost.permissions,
                    cost.first_apply,
                    cost.one_more_node,
                )
            ),
        )
        for cost in costs.ways
    ]
    keys = [("", "IDENTITY", "A STOLEN NODE'S KEYS WRITE", "THE NODE IS SHUT OUT")]
    keys += [
        ("*" if cost.way is costs.chosen else "", cost.way.value, _stolen(cost), _SHUT_OUT[cost.way])
        for cost in costs.ways
    ]
    return "\n".join([title, table(rows), table(keys), f"({_WATCHES})"])


def costs_json(costs: NodeCosts | None) -> Plain:
    """``{"count", "components", "identity", "ways": [...]}``, or null."""
    if costs is None:
        return None
    return {
        "count": costs.nodes,
        "components": list(costs.components),
        "identity": costs.chosen.value,
        "ways": [
            {
                "identity": cost.way.value,
                "certificates": cost.certificates,
                "users": cost.users,
                "roles": cost.roles,
                "permissions": cost.permissions,
                "auth_writes": {"first": cost.first_apply, "one_more_node": cost.one_more_node},
                "stolen": {
                    "read": spans_json(cost.stolen.read),
                    "write": spans_json(cost.stolen.write),
                    "own": spans_json(cost.own),
                },
                "shut_out": _SHUT_OUT[cost.way],
                "beforehand": list(cost.beforehand),
                "lost": list(cost.lost),
            }
            for cost in costs.ways
        ],
    }


def _stolen(cost: Cost) -> str:
    shared = counted(len((cost.stolen.write - cost.own).spans), "span")
    own = f"{counted(len(cost.own.spans), 'span')} of its own, and " if cost.own else ""
    return f"{own}{shared} that every node writes"
