"""One member of etcd that lives on certificates of a desk's engine."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import yaml

from ringfence.local.binary import Binary
from ringfence.local.cluster import LocalMember
from ringfence.rules.holes import holes
from tests.integration.openbao.conftest import Desk


def accept_holes(desk: Desk, etcd: Binary) -> None:
    """Have the spec of a desk live with what this etcd does not hold."""
    spec = desk.folder / "ringfence.yaml"
    until = datetime.now(UTC).date().replace(month=12, day=31)
    accepted = [f"    - {{id: {hole.id}, until: {until}, reason: a test}}" for hole in holes(etcd.version)]
    lines = [f'  etcd: "{etcd.version}"', *(["  accept:", *accepted] if accepted else [])]
    spec.write_text(spec.read_text().replace("  members:\n", "\n".join((*lines, "  members:\n"))))


def member(desk: Desk) -> LocalMember:
    """The one member of a desk, from what was rendered for it."""
    config = desk.folder / "etcd" / "etcd-1" / "etcd.conf.yml"
    settings = yaml.safe_load(config.read_text())
    settings |= {"unsafe-no-fsync": True, "data-dir": str(desk.folder / "data")}
    config.write_text(json.dumps(settings))
    return LocalMember(
        name="etcd-1", config=config, log=desk.folder / "etcd-1.log", metrics=settings["listen-metrics-urls"]
    )
