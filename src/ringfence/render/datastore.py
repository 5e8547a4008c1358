"""Which of etcd's two stores a release of Calico keeps its data in, as its programs call it.

Nothing else of a release is known here; what it may reach in its store is the catalog's to say.
"""

from __future__ import annotations

import enum

from ringfence.model.version import Version

_FIRST_IN_V3 = 3
"""Calico 3.0 moved its data from etcd v2 to v3 (docs.projectcalico.org/v3.0/getting-started/kubernetes/upgrade)."""


class Datastore(enum.Enum):
    """A store of etcd; the value is ``datastoreType`` of Calico's configuration."""

    ETCD_V2 = "etcdv2"
    ETCD_V3 = "etcdv3"

    @classmethod
    def of_calico(cls, version: Version | None) -> Datastore:
        """The store of a release of Calico; one that is not told is taken for a current one."""
        return cls.ETCD_V2 if version is not None and version.major < _FIRST_IN_V3 else cls.ETCD_V3
