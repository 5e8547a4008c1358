"""What an authority elsewhere hands back: PEM files with certificates in any order, its own among them.

Files are read as a whole or not at all, and other forms are refused with the command that converts them: to guess what
somebody meant is no way to take certificates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from ringfence.errors import CertificateError, FileError, Place, Problem
from ringfence.pki.chain import authority_problems, is_authority, load_chain
from ringfence.pki.folder.file_trouble import file_error
from ringfence.pki.folder.store import read_file
from ringfence.pki.pem import PemFile

SUFFIXES = (".pem", ".crt", ".cer")
"""How the names of certificate files end, as they are looked for in the folder of requests."""

_DER = b"\x30"


@dataclass(frozen=True, slots=True)
class Delivered:
    """One certificate that was handed in, and its file."""

    certificate: x509.Certificate
    path: Path

    @property
    def place(self) -> Place:
        """The file, for problems."""
        return Place(str(self.path))


@dataclass(frozen=True, slots=True)
class Delivery:
    """All certificates of all files, and why files could not be read."""

    certificates: tuple[Delivered, ...]
    problems: tuple[Problem, ...]


def certificate_files(folder: Path) -> tuple[Path, ...]:
    """The files of a folder that should hold certificates, sorted; none where there is no folder.

    Raises:
        FileError: the folder cannot be read.
    """
    try:
        return tuple(sorted(each for each in folder.iterdir() if _is_candidate(each)))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise file_error(error, folder, "read the folder") from None


def read_delivery(files: Sequence[Path]) -> Delivery:
    """Every certificate of these files; a file with anything wrong in it gives none."""
    found: list[Delivered] = []
    problems: list[Problem] = []
    for path in dict.fromkeys(files):
        try:
            found += (Delivered(each, path) for each in load_delivered(read_file(path, private=False)))
        except (FileError, CertificateError) as error:
            problems += error.problems
    return Delivery(tuple(found), tuple(problems))


def load_delivered(file: PemFile) -> tuple[x509.Certificate, ...]:
    """All certificates of one file.

    Raises:
        CertificateError: another form than PEM certificates, a private key beside them, or broken.
    """
    content, path = file.content, file.place.file
    hint: str | None = None
    if b"PRIVATE KEY-----" in content:
        what = "there is a private key in it, which nobody should have sent"
        hint = "take it out, ask who has it, and if anybody: move what waits in pending/ away and ask anew"
    elif content.startswith(_DER):
        what = "this is DER, PEM is expected"
        hint = f"convert it: `openssl x509 -inform der -in {path} -out NAME.pem`"
    elif b"-----BEGIN PKCS7-----" in content:
        what = "this is PKCS #7, PEM certificates are expected"
        hint = f"convert it: `openssl pkcs7 -print_certs -in {path} -out NAME.pem`"
    elif b"CERTIFICATE REQUEST-----" in content:
        what, hint = "this is a request, not a certificate", "hand it in to the authority; what comes back goes here"
    if hint is not None:
        raise CertificateError.of(what, place=file.place, hint=hint)
    try:
        return load_chain(file)
    except CertificateError as error:
        again = "ask for the file once more: it was damaged on the way, or is no certificate"
        raise CertificateError(*(Problem(each.what, each.place, again) for each in error.problems)) from None


def load_bundle(file: PemFile, now: datetime) -> tuple[x509.Certificate, ...]:
    """The authorities that a bundle says to trust, and others that stand between.

    Raises:
        CertificateError: as `load_delivered`, or one of them is no authority that is valid now.
    """
    certificates = load_delivered(file)
    problems = [each for one in certificates for each in authority_problems(one, now, file.place)]
    if problems:
        raise CertificateError(*problems)
    return certificates


def roots_of(bundle: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Whom a bundle says to trust: those that signed themselves; where there are none, all of it.

    An intermediate alone is a fine thing to trust, and a narrower one than its root: etcd then lets in nobody whom
    another part of the company certified. With its root beside it, it is a link.
    """
    return tuple(each for each in bundle if each.subject == each.issuer) or tuple(bundle)


def links_of(delivered: Sequence[Delivered]) -> tuple[x509.Certificate, ...]:
    """The authorities among what was handed in, each once."""
    return tuple(dict.fromkeys(each.certificate for each in delivered if is_authority(each.certificate)))


def _is_candidate(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
