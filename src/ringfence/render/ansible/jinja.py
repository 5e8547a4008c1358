"""Configuration as a template of Ansible: rendered with markers where hosts differ, which then become expressions.

So Ansible writes just what ``ringfence render`` writes, and no setting is known in two places.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

ROOT = PurePosixPath("/@ROOT@")
"""Stands for the root of the host, which is another folder where a host is only a folder (``ringfence_root``)."""

FOLDER = PurePosixPath("/@FOLDER@")
"""Stands for the folder of the certificates."""

IDENTITY = "@IDENTITY@"
"""Stands for the name of a certificate."""

HOST = "@HOST@"
"""Stands for the name of a host in the inventory, which is that of the node."""

_OPENING = re.compile(r"\{(?=[{%#])")


def template(text: str, expressions: Mapping[str, str]) -> str:
    """``text`` as a Jinja template.

    Args:
        text: with markers; whatever opens an expression in it is taken literally.
        expressions: what each marker becomes, by the marker.
    """
    text = _OPENING.sub("{@OPEN@", text)
    for marker, expression in {"@OPEN@": "''", **expressions}.items():
        text = text.replace(marker, f"{{{{ {expression} }}}}")
    return text
