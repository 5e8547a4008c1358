"""``python -m conformance.harness [NAME=PATH ...]``: what ran is recorded, what did not run is listed with why.

Exit 0: everything that ran showed what was expected. 1: something could not be set up. 2: something else was seen.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from conformance.harness import build, networks, scenario_apiserver, scenario_calico
from conformance.harness.fence import RingfenceFailed
from conformance.harness.kubernetes import Refused
from conformance.harness.record import Record, write
from conformance.harness.versions import NoVersion
from ringfence.errors import RingfenceError
from ringfence.local.binary import find

RESULTS = build.HERE / "results"
PROGRAMS = ("KUBE_APISERVER", "CALICOCTL", "CALICO_NODE", "KUBE_CONTROLLERS", "CNI")
NAMES = (scenario_apiserver.NAME, *(scenario.component for scenario in scenario_calico.SCENARIOS))
_OWN_NETWORK = ("CALICO_NODE", "CNI")
"""Programs that configure interfaces."""


def _tell(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


def _named(words: list[str]) -> dict[str, Path]:
    """The programs of ``NAME=PATH`` words; an empty path, as an unset variable of make gives, is none."""
    named: dict[str, Path] = {}
    for word in words:
        name, _, path = word.partition("=")
        if name not in PROGRAMS:
            raise SystemExit(f"{name}: not one of {', '.join(PROGRAMS)}")
        if path:
            named[name] = Path(path).absolute()
    return named


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m conformance.harness", description=__doc__)
    parser.add_argument("programs", nargs="*", metavar="NAME=PATH", help=f"programs: {', '.join(PROGRAMS)}")
    parser.add_argument("--only", action="append", choices=NAMES, help="run this scenario; may be repeated")
    parser.add_argument("--seconds", type=float, default=180, help="how long kube-apiserver works; default 180")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep logs, spec and etcd's data in this new folder")
    return parser.parse_intermixed_args()


def _records(given: argparse.Namespace, programs: Mapping[str, Path], folder: Path) -> Iterator[Record]:
    """Run what was chosen and can run, and tell of the rest."""
    chosen = given.only or NAMES
    etcd = find("etcd")
    _tell(f"etcd {etcd.version} from {etcd.path}")
    if scenario_apiserver.NAME in chosen:
        place = folder / "kube-apiserver"
        place.mkdir(parents=True)
        yield scenario_apiserver.run(programs["KUBE_APISERVER"], etcd, place, seconds=given.seconds, tell=_tell)
    for scenario in scenario_calico.SCENARIOS:
        if scenario.component not in chosen:
            continue
        why = scenario_calico.missing(scenario, programs)
        if why is None:
            place = folder / scenario.identity
            place.mkdir(parents=True)
            yield scenario_calico.run(scenario, programs, etcd, place, _tell)
        else:
            _tell(f"{scenario.component}: not run: {why}")


def _main() -> int:
    given = _arguments()
    try:
        programs = _named(given.programs)
        if "KUBE_APISERVER" not in programs:
            programs["KUBE_APISERVER"] = build.kube_apiserver()
        if any(name in programs for name in _OWN_NETWORK):
            if not networks.is_inside():
                return networks.enter([f"KUBE_APISERVER={programs['KUBE_APISERVER']}", *sys.argv[1:]])
            networks.furnish()
        held = True
        with tempfile.TemporaryDirectory(prefix="ringfence-conformance-") as made:
            for record in _records(given, programs, given.keep.absolute() if given.keep else Path(made)):
                held = held and record.held
                _tell(
                    f"{record.program} {record.version} on etcd {record.etcd}: {'held' if record.held else 'NOT held'}"
                )
                for verdict in record.lines:
                    _tell(f"  {'tested' if verdict.tested else 'not tested'}: {verdict.line}: {verdict.without}")
                _tell(f"  {write(record, RESULTS)}")
    except (
        RingfenceError,
        RingfenceFailed,
        build.NoBuild,
        networks.NoNetwork,
        NoVersion,
        Refused,
        RuntimeError,
    ) as error:
        _tell(f"could not: {error}")
        return 1
    return 0 if held else 2


if __name__ == "__main__":
    sys.exit(_main())
