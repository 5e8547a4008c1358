"""A folder whose certificates come from an authority elsewhere, and short ways to ask, sign and accept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ringfence.errors import Place
from ringfence.model.certificate import CertificateRequest, KeyType
from ringfence.model.issuance import ListedCertificate
from ringfence.model.outside import Acceptance, Requested
from ringfence.ops.certs.accepting import accept_certificates
from ringfence.ops.certs.listing import list_certificates
from ringfence.ops.certs.posting import made_on_nodes
from ringfence.ops.certs.requesting import request_certificates
from ringfence.pki.folder.store import Store
from ringfence.spec.shape import ExternalPki, FilePki, Pki, Source
from tests.integration.pki.conftest import VALIDITY
from tests.integration.pki.outside import OutsideCa
from tests.unit.pki.making import LEAVES


@dataclass(frozen=True, slots=True)
class Office:
    """One folder with pki/ and csr/, and the authority that signs for it."""

    folder: Path
    ca: OutsideCa
    requests: tuple[CertificateRequest, ...] = LEAVES
    keys_on_node: bool = False
    key_type: KeyType = KeyType.ECDSA_P256

    @property
    def pki(self) -> Pki:
        """The part of a spec that says so."""
        return Pki(
            authority=Source.EXTERNAL,
            directory=self.folder / "pki",
            key=self.key_type,
            validity=VALIDITY,
            file=FilePki(),
            openbao=None,
            external=ExternalPki(requests=self.csr, keys_on_node=self.keys_on_node),
            place=Place("ringfence.yaml", 1),
        )

    @property
    def csr(self) -> Path:
        """The folder that goes to the authority."""
        return self.folder / "csr"

    @property
    def store(self) -> Store:
        """Where the pairs lie."""
        return Store(self.folder / "pki")

    @property
    def manifest(self) -> list[dict[str, Any]]:
        """What the manifest asks for."""
        return list(json.loads((self.csr / "manifest.json").read_text())["requests"])

    def ask(self, *, renew: Collection[str] = (), now: datetime | None = None) -> Requested:
        """``certs issue``."""
        work = request_certificates(self.requests, self.pki, "shared", now=now or datetime.now(UTC), renew=renew)
        return asyncio.run(work)

    def accept(self, *files: Path, ca: Path | None = None, now: datetime | None = None) -> Acceptance:
        """``certs accept``."""
        work = accept_certificates(self.requests, self.pki, "shared", files=files, ca=ca, now=now or datetime.now(UTC))
        return asyncio.run(work)

    def listed(self) -> dict[str, ListedCertificate]:
        """``certs list``, by name."""
        on_node = made_on_nodes(self.pki, self.requests)
        found = asyncio.run(list_certificates(self.requests, self.store, datetime.now(UTC), on_node))
        return {each.name: each for each in found}

    def sign_all(self, names: Sequence[str] = ()) -> None:
        """What the authority does with the folder: it follows the manifest."""
        for each in self.manifest:
            if not names or each["name"] in names:
                signed = self.ca.sign(self.csr / each["csr"], days=each["validity_seconds"] // 86400)
                (self.csr / each["certificate"]).write_text(signed)

    def settle(self) -> None:
        """Everything asked, signed and accepted."""
        self.ask()
        self.sign_all()
        result = self.accept(ca=self.ca.certificate)
        assert () == result.problems
        assert () == result.waiting

    def files(self) -> dict[str, bytes]:
        """Every file of the pki folder but the lock."""
        paths = (each for each in self.store.directory.rglob("*") if each.is_file() and each.name != ".lock")
        return {str(each.relative_to(self.store.directory)): each.read_bytes() for each in paths}

    def with_requests(self, *requests: CertificateRequest) -> Office:
        """The same folder with other requests."""
        return replace(self, requests=requests)
