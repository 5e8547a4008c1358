"""``certs list``: every certificate that should be there, and what else is, with what is wrong with it."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ringfence.errors import CertificateError
from ringfence.model.certificate import CertificateRequest
from ringfence.model.issuance import Assessment, ListedCertificate

if TYPE_CHECKING:
    from ringfence.pki.folder.store import Store


async def list_certificates(
    requests: Sequence[CertificateRequest], store: Store, now: datetime, on_node: Container[str] = ()
) -> tuple[ListedCertificate, ...]:
    """The authority, then every request, then what else lies in the folder.

    Args:
        requests: all certificates that should exist.
        store: the folder; it need not exist.
        now: the moment, with a time zone.
        on_node: the names whose keys are where they are used.

    Raises:
        FileError: the folder or a file in it cannot be read.
    """
    from ringfence.pki.assess import assess_all, assess_unasked
    from ringfence.pki.folder.store import AUTHORITY
    from ringfence.pki.issuing.custody import stored_trust

    store.check_names(request.name for request in requests)
    try:
        trusted = stored_trust(store, now)
    except CertificateError:
        trusted = ()  # the line of the authority says why
    asked = {request.name for request in requests}
    others = (name for name in store.names() if name != AUTHORITY and name not in asked)
    return (
        assess_unasked(AUTHORITY, store, now),
        *(_listed(each) for each in assess_all(requests, store, trusted, now, on_node)),
        *(assess_unasked(name, store, now) for name in others),
    )


def _listed(found: Assessment) -> ListedCertificate:
    return ListedCertificate(
        name=found.request.name,
        path=found.path,
        kind=found.request.kind,
        request=found.request,
        condition=found.condition,
        reasons=found.reasons,
        certificate=found.certificate,
        key_on_node=found.key_on_node,
    )
