"""The results as one readable table, and as JSON with the value of every round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from bench.measure import Aim, Ratio, Section

Json = dict[str, object]

_VERDICTS = {True: "reached", False: "NOT reached", None: ""}


def text(sections: Iterable[Section]) -> str:
    """One block a job: figures, then ratios, then notes."""
    return "\n\n".join(_block(section) for section in sections)


def data(sections: Iterable[Section]) -> list[Json]:
    """The same, with every round."""
    return [
        {
            "job": section.job,
            "setting": section.setting,
            "unit": section.unit,
            "figures": {figure.name: list(figure.values) for figure in section.figures},
            "ratios": [
                {
                    "name": ratio.name,
                    "values": list(ratio.values),
                    "aim": _aim(ratio.aim) or None,
                    "reached": ratio.reached,
                }
                for ratio in section.ratios
            ],
            "notes": list(section.notes),
        }
        for section in sections
    ]


def _block(section: Section) -> str:
    figures = [(figure.name, *_spread(figure.values), "", "") for figure in section.figures]
    ratios = [_ratio(ratio) for ratio in section.ratios]
    head = ("", section.unit, "min .. max", "", "")
    rows = _aligned([head, *figures, *ratios])
    notes = [f"  ({note})" for note in section.notes]
    return "\n".join([f"{section.job}: {section.setting}", *rows, *notes])


def _ratio(ratio: Ratio) -> tuple[str, str, str, str, str]:
    middle, low_and_high = _spread(ratio.values)
    return f"= {ratio.name}", f"{middle} x", low_and_high, _aim(ratio.aim), _VERDICTS[ratio.reached]


def _aim(aim: Aim | None) -> str:
    if aim is None:
        return ""
    return f"aim <= {aim.at_most:g}" if aim.at_least == 0 else f"aim >= {aim.at_least:g}"


def _spread(values: Sequence[float]) -> tuple[str, str]:
    return _number(median(values)), f"{_number(min(values))} .. {_number(max(values))}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Names to the left, figures to the right, words to the left."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if 0 < at < 3 else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(("  " + "  ".join(cells)).rstrip())
    return lines
