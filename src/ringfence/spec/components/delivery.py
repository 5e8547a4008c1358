"""Reading ``deliver``: how Calico's pods come by their certificates, and how an agent among them logs in."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path, PurePosixPath

from ringfence.model.version import Version
from ringfence.spec.durations import read_duration
from ringfence.spec.reader import Cursor, Fields, shown
from ringfence.spec.shape import Segmentation
from ringfence.spec.ways import ClusterTrust, Delivery, Way
from ringfence.yamlio.nodes import Mapping, Scalar

_AGENT = ("mount", "audience", "life", "image", "issuer", "keys", "discovery")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*")
_PATH = re.compile(r"(/[A-Za-z0-9._-]+)+")
_SHORTEST = timedelta(minutes=1)
_BY_NODE = "a DaemonSet cannot pick a Secret for each node: choose hostpath, openbao-agent or vault-agent"


def read_delivery(cursor: Cursor, folder: Path) -> Delivery | None:
    """``deliver: WAY``, or a mapping with ``way`` and more; None where it cannot be used.

    Args:
        cursor: at the value.
        folder: the one that ``keys`` is resolved against.
    """
    if isinstance(cursor.node, Scalar):
        way = cursor.enum(Way)
        return None if way is None else Delivery(way=way, place=cursor.place)
    fields = cursor.fields(("way", "host", *_AGENT))
    way_at = fields.need("way", f"one of {', '.join(way.value for way in Way)}")
    way = None if way_at is None else way_at.enum(Way)
    if way is None:
        return None
    for name, at in fields.found.items():
        if name in _AGENT and not way.is_agent:
            at.problem(f"{name} is nothing of {way.value}", "it is for openbao-agent and vault-agent: remove it")
        elif name == "host" and not (way.is_agent or way is Way.HOSTPATH):
            at.problem(f"host is nothing of {way.value}", "remove it")
    plain = Delivery(way=way, place=cursor.place)
    life_at = fields.get("life")
    life = fields.read("life", read_duration) or plain.life
    if life_at is not None and life < _SHORTEST:
        life_at.problem("is too short for an agent", "write at least 1m")
    return Delivery(
        way=way,
        host=fields.read("host", _folder) or plain.host,
        mount=fields.read("mount", _word) or plain.mount,
        audience=fields.read("audience", _word) or plain.audience,
        life=life,
        image=fields.read("image", _word),
        trust=_trust(fields, folder),
        place=cursor.place,
    )


def refuse_by_node(fields: Fields, segmentation: Segmentation, network: str) -> None:
    """Note what cannot be delivered as it is written, whatever the manifest.

    Args:
        fields: those of the Calico.
        segmentation: how many identities it has.
        network: ``calico`` or ``canal``.
    """
    at = fields.get("deliver")
    way = None if at is None else _way(at)
    if at is None or way in {None, Way.SECRET}:
        return
    if segmentation is Segmentation.NODE and way is Way.CERT_MANAGER:
        at.problem("cert-manager puts its certificates into Secrets", _BY_NODE)
    if network == "canal":
        at.problem(f"{shown('deliver')} is for network: calico", "canal's Job takes its certificate from a Secret")


def refuse_with_calico_2(fields: Fields, version: Version, way: Way) -> None:
    """Note a way that needs a Kubernetes newer than those which run Calico 2.

    Args:
        fields: those of the Calico.
        version: of it.
        way: that is written.
    """
    at = fields.get("deliver")
    if at is not None and way not in {Way.SECRET, Way.HOSTPATH}:
        what = f"Calico {version} is not delivered by {way.value}: its clusters are too old for that"
        at.problem(what, "use secret, or hostpath")


def _way(cursor: Cursor) -> Way | None:
    node = cursor.node.get("way") if isinstance(cursor.node, Mapping) else cursor.node
    written = node.text if isinstance(node, Scalar) else None
    return next((way for way in Way if way.value == written), None)


def _trust(fields: Fields, folder: Path) -> ClusterTrust:
    """How the cluster's tokens are believed."""
    keys, discovery = fields.get("keys"), fields.get("discovery")
    if keys is not None and discovery is not None:
        discovery.problem("beside keys it says nothing", "keep one of the two")
    keys_text = None if keys is None else keys.text()
    return ClusterTrust(
        issuer=fields.read("issuer", _word),
        keys=None if not keys_text else folder / keys_text,
        discovery=fields.read("discovery", _word),
    )


def _folder(cursor: Cursor) -> PurePosixPath | None:
    written = cursor.text()
    if written is None:
        return None
    if not _PATH.fullmatch(written) or ".." in written.split("/"):
        cursor.problem(f"{shown(written)} is no folder on a node", "write an absolute path: /etc/calico/etcd")
        return None
    if PurePosixPath(written).is_relative_to("/etc/cni/net.d/calico-tls"):
        # Calico `cni-plugin/pkg/install/install.go` removes it before it copies anything.
        cursor.problem("install-cni wipes this folder at each start", "name another: /etc/calico/etcd")
        return None
    return PurePosixPath(written)


def _word(cursor: Cursor) -> str | None:
    written = cursor.text()
    if written is not None and not _WORD.fullmatch(written):
        cursor.problem(f"{shown(written)} cannot be used here", "letters, digits and . _ : / @ - alone")
        return None
    return written
