"""When a certificate counts as due."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.issuance import CertificateInfo
from ringfence.ops.certs.due import Due
from ringfence.pki.describe import describe
from tests.unit.pki.making import DAY, NOW, make_authority, make_leaf

CA = make_authority(start=NOW - 400 * DAY)


def _living(days: int) -> CertificateInfo:
    return describe(make_leaf(CA, start=NOW, end=NOW + days * DAY).certificate)


NINETY = _living(90)


@pytest.mark.parametrize(
    ("due", "day", "expected"),
    [
        (Due(), 60, False),
        (Due(), 61, True),
        (Due(), 91, True),
        (Due(share=Fraction(1, 2)), 45, False),
        (Due(share=Fraction(1, 2)), 46, True),
        (Due(share=Fraction(1)), 0, False),
        (Due(within=30 * DAY), 60, False),
        (Due(within=30 * DAY), 61, True),
        (Due(within=2 * DAY), 80, False),
    ],
)
def test_too_little_is_left(due: Due, day: int, expected: bool) -> None:
    """Less than the share, or than the time; exactly that much is enough."""
    assert expected == due.holds(NINETY, NOW + day * DAY)


def test_what_cannot_be_read_is_not_due() -> None:
    """Whoever repairs it issues it anew."""
    assert not Due(share=Fraction(1)).holds(None, NOW)


@given(st.fractions(Fraction(1, 50), 1, max_denominator=100), st.integers(0, 200 * 24 * 3600))
def test_it_stays_due(share: Fraction, seconds: int) -> None:
    """What is due is due at every later moment."""
    due, moment = Due(share=share), NOW + timedelta(seconds=seconds)
    assert due.holds(NINETY, moment) <= due.holds(NINETY, moment + DAY)
