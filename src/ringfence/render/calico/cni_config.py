"""Literal paths in ``cni_network_config``, the text from which install-cni makes the configuration of the plugin.

It replaces placeholders (``__ETCD_KEY_FILE__``) alone, so paths that stand there literally stay (Calico
``cni-plugin/pkg/install/install.go``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ringfence.render.manifests.manifest import Resource
from ringfence.render.manifests.patch import Change
from ringfence.yamlio.edit import Splice
from ringfence.yamlio.nodes import Scalar

_KEYS = {"etcd_ca_cert_file": "etcd_ca", "etcd_cert_file": "etcd_cert", "etcd_key_file": "etcd_key"}
"""What the plugin calls the paths that Calico's ConfigMap has as others."""

_VALUE = r'(\\?")%s\1\s*:\s*\1(?P<path>[^"\\]*)\1'
"""A key and its value in JSON, also inside of a YAML text in double quotes."""


def literal_paths(text: str, config: Resource, paths: Mapping[str, str]) -> Iterator[Change]:
    """What writes the paths on the host into the template; one that is given literally is replaced, too.

    Args:
        text: the manifest.
        config: the ConfigMap.
        paths: by the keys of the ConfigMap, as in ``etcd_ca``.
    """
    template = config.body.get("data", "cni_network_config")
    if not isinstance(template, Scalar):
        return
    for key, name in _KEYS.items():
        splices = tuple(
            Splice(*found.span("path"), paths[name])
            for found in re.compile(_VALUE % key).finditer(text, template.extent.start, template.extent.end)
            if found["path"] != paths[name]
        )
        yield Change(f"{config}: the CNI plugin reads {paths[name]} as {key}", splices)
