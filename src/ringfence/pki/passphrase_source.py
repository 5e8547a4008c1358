"""The passphrase of a key: read from a file or the environment at the moment of use, and shown nowhere.

There is no way to give one in an argument: those can be read by every process of the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ringfence.errors import CertificateError, Place
from ringfence.pki.folder.store import read_file
from ringfence.pki.passphrase import Passphrase

LONGEST = 1023
"""Bytes of a passphrase that OpenSSL takes."""


@dataclass(frozen=True, slots=True)
class PassphraseSource:
    """Where it stands: a file or the name of a variable, one of the two."""

    file: Path | None = None
    variable: str | None = None

    def read(self, environment: Mapping[str, str]) -> Passphrase:
        """The passphrase; of a file its first line, without the line's end.

        Raises:
            FileError: there is no such file, it cannot be read, or others may read it.
            CertificateError: the variable is not set, the passphrase is empty or longer than OpenSSL takes, or the file
                has several lines.
        """
        if self.file is not None:
            found = read_file(self.file, private=True, what="passphrase")
            origin, place = f"the passphrase in {self.file}", found.place
            secret, _, rest = found.content.partition(b"\n")
            secret = secret.removesuffix(b"\r")
            hint = "write it into the file as one line, mode 0600"
            if rest.strip():
                raise CertificateError.of("there is more than one line in it", place=place, hint=hint)
        else:
            assert self.variable is not None
            origin, place = f"the passphrase in ${self.variable}", Place(f"${self.variable}")
            hint = "set the variable for this command only"
            if self.variable not in environment:
                raise CertificateError.of("the variable with the passphrase is not set", place=place, hint=hint)
            secret = environment[self.variable].encode(errors="surrogateescape")
        if not secret:
            raise CertificateError.of("the passphrase is empty", place=place, hint=hint)
        if len(secret) > LONGEST:
            what = f"the passphrase has {len(secret)} bytes, OpenSSL takes {LONGEST}"
            raise CertificateError.of(what, place=place, hint="choose a shorter one")
        return Passphrase(secret, origin)
