"""Lengths of time and shares of a life, as options of ``ringfence certs``."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import click


class Length(click.ParamType[timedelta]):
    """A duration as the spec writes them: ``30d``."""

    name = "TIME"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The duration, or a usage error."""
        from ringfence.spec.durations import duration

        found = duration(str(value))
        if not isinstance(found, timedelta):
            self.fail(f"{found[0]}: {found[1]}", param, ctx)
        return found


class Share(click.ParamType[Fraction]):
    """A share of a life: ``1/3``."""

    name = "SHARE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """The share, or a usage error."""
        try:
            share = Fraction(str(value)).limit_denominator(1000)
        except (ValueError, ZeroDivisionError):
            share = Fraction(0)
        if not 0 < share <= 1:
            self.fail(f"{value!r} is no share of a life: write 1/3, or 0.5", param, ctx)
        return share
