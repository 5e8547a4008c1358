"""Calico's hosted manifest with one identity for all of Calico: endpoints, certificate, and no compaction.

The manifest is the operator's and stays theirs: values are changed where they stand, and every comment and every other
character is kept. Nothing else of Calico is set up here. A private key goes into the text only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.errors import ManifestError
from ringfence.model.credentials import Credentials
from ringfence.render.calico.canal_job import notices, unwritable, writing_network
from ringfence.render.calico.parts import Part, calico_parts
from ringfence.render.calico.settings import configured, not_compacting
from ringfence.render.datastore import Datastore
from ringfence.render.manifests.etcd_secret import filled, secret_values, unusable
from ringfence.render.manifests.manifest import resources
from ringfence.render.manifests.patch import Change, Patched, Work, patched

__all__ = ["Patched", "patch_calico"]


def patch_calico(
    text: str,
    file: str,
    *,
    endpoints: Sequence[str],
    credentials: Credentials,
    with_keys: bool,
    canal: bool = False,
    datastore: Datastore = Datastore.ETCD_V3,
) -> Patched:
    """The hosted manifest ``text``, made to use etcd with one identity.

    Doing it again with the same values changes nothing.

    Args:
        text: the manifest, with its line endings as they are in the file.
        file: its name, for the places of problems.
        endpoints: etcd's client URLs.
        credentials: the CA, the certificate and the key of Calico's identity.
        with_keys: whether the private key is put in; else its place stays empty, or is emptied.
        canal: whether the identity is for flannel too, and the manifest canal's.
        datastore: the store of etcd that this Calico uses.

    Raises:
        ManifestError: the manifest has not the parts that it should have (all of what is missing), cannot be changed
            in place, or holds a private key somewhere although none should be in the result.
    """
    values = secret_values(credentials, with_keys=with_keys)

    def plan(here: str) -> Work:
        parts = calico_parts(resources(here, file), file, canal=canal, separate=False, datastore=datastore)
        secret = parts.secret
        assert secret is not None
        problems = [
            *unusable(secret),
            *(problem for job in parts.jobs for problem in unwritable(job, parts.seat(Part.FLANNEL).container)),
        ]
        if problems:
            raise ManifestError(*problems)
        changes: list[Change] = [
            *configured(here, parts.config, endpoints),
            *filled(here, secret, values),
            *not_compacting(here, parts.seat(Part.CONTROLLERS).container, datastore),
        ]
        for job in parts.jobs:
            changes += writing_network(here, job, parts.seat(Part.FLANNEL).container, parts.config.name)
        told = tuple(notice for job in parts.jobs for notice in notices(job, parts.seat(Part.FLANNEL).container))
        return Work(tuple(changes), parts.seat(Part.NODE).container.version, told)

    return patched(text, file, plan, with_keys=with_keys)
