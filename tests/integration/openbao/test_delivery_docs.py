"""The page about delivery does what it says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from ringfence.ops.load import understand
from ringfence.spec.shape import Calico
from ringfence.spec.ways import Way

PAGE = (Path(__file__).parents[3] / "docs" / "delivery.md").read_text(encoding="utf-8")
HEAD = "version: 1\ncluster: {endpoints: [https://a.example:2379]}\n"


def test_its_spec_is_correct() -> None:
    """As it stands, and with the line that is commented out; what it shows are the defaults."""
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    for each in (text, text.replace("# image", "image")):
        spec, _ = understand(HEAD + each, "ringfence.yaml", Path("/"), date(2026, 1, 1))
        (calico,) = (one for one in spec.components if isinstance(one, Calico))
        assert calico.deliver is not None
        assert Way.OPENBAO_AGENT is calico.deliver.way
        assert ("jwt-etcd", "openbao", 1) == (
            calico.deliver.mount,
            calico.deliver.audience,
            calico.deliver.life.days,
        )
