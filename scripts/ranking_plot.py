"""The reliability diagram of the ranking benchmark, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

SIDE: Final = 320
MARGIN: Final = 48
COLOURS: Final = ("#1b6ca8", "#b5541c")


def reliability_svg(found: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """How often the first gene is the answer, against the posterior told of it.

    Args:
        found: points by share of solved cases: ``told`` and ``seen`` from 0 to 1, and ``share``,
            the part of all cases, which is the area of a point.
    """
    whole = SIDE + 2 * MARGIN
    low, high = MARGIN, MARGIN + SIDE
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{whole}" '
            f'viewBox="0 0 {whole} {whole}" font-family="sans-serif" font-size="12" role="img">'
        ),
        "<title>Posterior of the first gene, and how often it is the answer</title>",
        f'<rect width="{whole}" height="{whole}" fill="#fff"/>',
        f'<path d="M{low} {low}V{high}H{high}" fill="none" stroke="#333"/>',
        f'<path d="M{low} {high}L{high} {low}" stroke="#999" stroke-dasharray="4 4"/>',
    ]
    for tick in range(0, 11, 2):
        at = SIDE * tick / 10
        parts.append(
            f'<text x="{low + at:.0f}" y="{high + 18}" text-anchor="middle">{tick / 10:g}</text>'
            f'<text x="{low - 8}" y="{high - at + 4:.0f}" text-anchor="end">{tick / 10:g}</text>'
        )
    parts.append(
        f'<text x="{low + SIDE / 2:.0f}" y="{high + 38}" text-anchor="middle">posterior told</text>'
        f'<text transform="translate(14 {low + SIDE / 2:.0f}) rotate(-90)" '
        'text-anchor="middle">share that is the answer</text>'
    )
    for number, (solved, points) in enumerate(found.items()):
        colour = COLOURS[number % len(COLOURS)]
        line = " ".join(
            f"{low + SIDE * p['told']:.1f},{high - SIDE * p['seen']:.1f}" for p in points
        )
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        parts += [
            f'<circle cx="{low + SIDE * p["told"]:.1f}" cy="{high - SIDE * p["seen"]:.1f}" '
            f'r="{3 + 10 * p["share"] ** 0.5:.1f}" fill="{colour}" fill-opacity="0.5"/>'
            for p in points
        ]
        y = low + 14 + 18 * number
        parts.append(
            f'<text x="{low + 10}" y="{y}" fill="{colour}">{float(solved):.0%} solved</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"
