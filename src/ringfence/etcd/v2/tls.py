"""TLS towards the v2 API, and a client URL's metrics, as gRPC has it towards v3.

The cluster's authority alone is trusted, and keys stay in memory.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from ringfence.errors import Place, TlsRefused
from ringfence.model.credentials import Credentials


def client_tls(credentials: Credentials, endpoint: str) -> ssl.SSLContext:
    """What to trust, and what to show.

    Args:
        credentials: the authority, and a certificate with its key or neither.
        endpoint: for messages.

    Raises:
        TlsRefused: one of them cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # As Go and gRPC have it: what is named as trusted is trusted, also where it is no root.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        # Beside certificates a bundle may hold prose in any encoding, but ``ssl`` takes ASCII.
        context.load_verify_locations(cadata=credentials.ca.decode("ascii", errors="ignore"))
        if credentials.certificate is not None and credentials.key is not None:
            with _in_memory(credentials.certificate) as certificate, _in_memory(credentials.key) as key:
                # The empty password keeps an encrypted key from being asked for on the terminal.
                context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError):
        raise TlsRefused.of(
            "the CA, certificate or key cannot be used",
            place=Place(endpoint),
            hint="each must be PEM, and the key must belong to the certificate",
        ) from None
    return context


@contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    """The name of a file that is on no disk, for ``ssl``, which reads keys from files alone."""
    descriptor = os.memfd_create("ringfence", os.MFD_CLOEXEC)
    try:
        with open(descriptor, "wb", closefd=False) as file:  # it has no path
            file.write(content)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
