"""Writing YAML: plain data in, block style out, keys in the order given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml

Plain = str | int | bool | None | Sequence["Plain"] | Mapping[str, "Plain"]
"""What can be written: no objects, no floats."""


def dump(value: Plain) -> str:
    """``value`` as a YAML document, ending in a newline; text that another reader could take for a number is quoted."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, default_flow_style=False, width=1000)
    return text


class _Dumper(yaml.SafeDumper):
    """Never writes anchors: every value is written out where it stands."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # PyYAML calls it so
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    """Lines as lines, so that a certificate stays readable."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)
