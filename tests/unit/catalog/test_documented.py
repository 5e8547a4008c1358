"""The documented tables can be told from the catalog, row for row, and so can what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.catalog.catalog import Catalog
from ringfence.catalog.entry import Evidence, Form
from ringfence.catalog.load import load
from ringfence.catalog.view import View
from ringfence.model.version import Version

TABLES = {
    file.stem: sorted(
        (component, access, path)
        for component, access, path in (line.split() for line in file.read_text().splitlines() if line[0] != "#")
    )
    for file in sorted((Path(__file__).parent / "documented").glob("*.txt"))
}
"""The eight tables that Calico's documentation ever had, copied from its releases; the name is FIRST-LAST."""

RELEASES = [
    (name, Version(major, minor))
    for name in TABLES
    for first, last in [name.split("-")]
    for major in [int(first.split(".")[0])]
    for minor in range(int(first.split(".")[1]), int(last.split(".")[1]) + 1)
]
CATALOG = load()
CALICO = [name for name in CATALOG.entries if name.startswith(("calico/", "calicoctl/"))]


def documented(catalog: Catalog, release: Version) -> list[tuple[str, str, str]]:
    """The rows that the catalog calls documented in a release."""
    rows = []
    for name in CALICO:
        view = View(catalog.entries[name], release)
        if view.release == release:
            rows += [
                (name, line.access.value, line.path + ("*" if line.form is Form.PREFIX else ""))
                for line in view.documented
            ]
    return sorted(rows)


def test_all_tables_are_here() -> None:
    """There are eight tables, for the 35 lines of releases from 2.5 to 3.32."""
    assert (8, 35) == (len(TABLES), len(RELEASES))


@pytest.mark.parametrize(("table", "release"), RELEASES, ids=[str(release) for _, release in RELEASES])
def test_documented_rows(table: str, release: Version) -> None:
    """What is documented for a release is its table, no row more and none less."""
    assert TABLES[table] == documented(CATALOG, release)


LACKING = {
    ("calico/felix", "3.6"): [],
    ("calico/felix", "3.7"): ["/calico/ipam/v2/assignment/"],
    ("calico/cni", "3.8"): [],
    ("calico/cni", "3.18"): ["nodes/"],
    ("calico/cni", "3.20"): [],
    ("calico/cni", "3.21"): ["ipreservations/"],
    ("calico/node", "3.20"): [],
    ("calico/node", "3.28"): ["caliconodestatuses/"],
    ("calico/node", "3.29"): ["caliconodestatuses/", "tiers/"],
    ("calico/kube-controllers", "3.8"): [],
    ("calico/kube-controllers", "3.9"): [
        "bgpconfigurations/",
        "bgppeers/",
        "felixconfigurations/",
        "workloadendpoints/",
    ],
    ("calicoctl/full", "3.32"): [],
    ("calicoctl/policy-editor", "3.29"): ["tiers/"],
    ("calico/openstack-driver", "3.32"): [],
}


@pytest.mark.parametrize(("which", "expected"), LACKING.items(), ids=["-".join(which) for which in LACKING])
def test_what_the_documentation_lacks(which: tuple[str, str], expected: list[str]) -> None:
    """A line that a release needs, and that no documented one covers, is told; one that is covered is not."""
    view = View(CATALOG.entries[which[0]], Version.parse(which[1]))
    paths = [
        line.path.removeprefix("/calico/resources/v3/projectcalico.org/") for line in view.lacking if not line.when
    ]
    assert expected == sorted(paths)


def test_too_wide() -> None:
    """What is documented without need is told, with the reason on its line."""
    view = View(CATALOG.entries["calico/node"], Version(3, 32))
    paths = [line.path.rpartition(".org/")[2] for line in view.too_wide]
    assert ["clusterinformations/", "ippools/", "workloadendpoints/"] == paths
    assert () == View(CATALOG.entries["calico/node"], Version(3, 31)).too_wide


def test_differences_between_releases() -> None:
    """Two releases are told apart by needed lines, or by documented ones."""
    new, old = (View(CATALOG.entries["calico/kube-controllers"], Version(3, minor)) for minor in (29, 28))
    assert ["/calico/resources/v3/projectcalico.org/tiers/"] == [line.path for line in new.since(old).added]
    assert ((), ()) == (new.since(old, documented=True).added, new.since(old).removed)


def test_documented_alone_is_no_more_than_that() -> None:
    """A line that only the documentation knows says so."""
    lines = [line for entry in CATALOG.entries.values() for line in entry.lines if line.read is Evidence.DOCUMENTED]
    assert lines
    assert all(line.documented is not None for line in lines)
