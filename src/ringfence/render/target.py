"""Where the pki files lie on the machine that uses them: the names that every rendered configuration points to.

Only names are made here; whether the files are there is for the target to find out.
"""

from __future__ import annotations

from pathlib import PurePosixPath


def authority(folder: PurePosixPath) -> str:
    """The path of the certificates to trust."""
    return str(folder / "ca.pem")


def certificate(folder: PurePosixPath, name: str) -> str:
    """The path of the certificate called ``name``."""
    return str(folder / f"{name}.pem")


def private_key(folder: PurePosixPath, name: str) -> str:
    """The path of the key that belongs to the certificate called ``name``."""
    return str(folder / f"{name}-key.pem")
