"""When a certificate should be renewed, or warned about: by what is left of its life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from ringfence.model.issuance import CertificateInfo

THIRD = Fraction(1, 3)
"""What should be left of a life at least: of 90 days, a month."""


@dataclass(frozen=True, slots=True)
class Due:
    """What counts as too little: less than a share of its life or, where that is given, less than a time.

    Args:
        share: of the whole life.
        within: the time; it then counts alone.
    """

    share: Fraction = THIRD
    within: timedelta | None = None

    def holds(self, certificate: CertificateInfo | None, now: datetime) -> bool:
        """Whether a certificate has too little left, an expired one included; never for one that cannot be read."""
        if certificate is None:
            return False
        left = certificate.not_after - now
        if self.within is not None:
            return left < self.within
        return left * self.share.denominator < (certificate.not_after - certificate.not_before) * self.share.numerator
