"""The certificates that identities are tried out with: their own, or such as live for minutes and are never stored."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ringfence.errors import CertificateError
from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.ops.proving.drawn import Drawn
from ringfence.pki.folder.store import Store
from ringfence.pki.issuing.authority import Authority
from ringfence.pki.login import fleeting_credentials, stored_credentials
from ringfence.wanted.components.part import Certified

_TRY_FILES = 8
"""Certificates of one identity, of as many nodes, that are looked for."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Where the certificates of the identities come from; ``authority`` is None where its key is not at hand.

    ``on_node`` are the names of those whose keys are where they are used; ``drawn`` is for those that pods draw.
    """

    store: Store
    authority: Authority | None
    on_node: Container[str] = ()
    drawn: Drawn = field(default_factory=Drawn)

    def of(self, user: UserName, certificates: Sequence[Certified], ca: bytes, now: datetime) -> Credentials:
        """What a user shows: its own certificate where that is at hand, else one that is made in memory.

        Args:
            user: its name, and the Common Name.
            certificates: what it logs in with.
            ca: whom to trust.
            now: the time at which it must be valid, with a time zone.

        Raises:
            CertificateError, FileError: none can be had.
        """
        if user in self.drawn.users:
            own = self._drawn(user)
        else:
            names = [certificate.name for certificate in certificates[:_TRY_FILES]]
            try:
                own = self._stored(names, user, now)
            except CertificateError:
                if self.authority is None:
                    if all(name in self.on_node and self.store.read_key(name) is None for name in names):
                        what = "its key is on its node and not at hand; its roles were read back"
                        raise CertificateError.of(what) from None
                    raise
                own = fleeting_credentials(self.authority, user, now)
        return Credentials(ca, own.certificate, own.key)

    def _drawn(self, user: UserName) -> Credentials:
        own = self.drawn.credentials.get(user)
        if own is None:
            what = f"its pods draw its certificate, and none could be drawn for the proof: {self.drawn.why}"
            raise CertificateError.of(f"{what}; its roles were read back")
        return own

    def _stored(self, names: Iterable[str], user: UserName, now: datetime) -> Credentials:
        """The first of these certificates that can be used.

        Raises:
            CertificateError: none can; what is wrong with the first.
        """
        wrong: CertificateError | None = None
        for name in names:
            try:
                return stored_credentials(self.store, name, user, now)
            except CertificateError as error:
                wrong = wrong or error
        assert wrong is not None
        raise wrong
