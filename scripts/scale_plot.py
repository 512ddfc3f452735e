"""How a cost for each case grows with the cohort, as SVG: both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

WIDTH: Final = 460
HEIGHT: Final = 300
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 34, 44
COLOURS: Final = (
    "#1b6ca8",
    "#b5541c",
    "#3a7d44",
    "#7a4b9d",
    "#8a6d1b",
    "#444",
    "#b03060",
    "#2a8a8a",
)


def growth_svg(title: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """A line for each part; a flat one costs each case the same.

    Args:
        title: what the vertical axis tells.
        series: points (cases, cost for each case) by part; costs of 0 are left out.
    """
    held = {name: [p for p in points if p[1] > 0] for name, points in series.items()}
    held = {name: points for name, points in held.items() if points}
    xs = [math.log10(x) for points in held.values() for x, _ in points]
    ys = [math.log10(y) for points in held.values() for _, y in points]
    left, right = math.floor(min(xs)), math.ceil(max(xs)) or 1
    low, high = math.floor(min(ys)), max(math.ceil(max(ys)), math.floor(min(ys)) + 1)
    right = max(right, left + 1)

    def at(x: float, y: float) -> str:
        across = LEFT + WIDTH * (math.log10(x) - left) / (right - left)
        down = TOP + HEIGHT * (high - math.log10(y)) / (high - low)
        return f"{across:.1f} {down:.1f}"

    whole, tall = LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{tall}" '
            f'viewBox="0 0 {whole} {tall}" font-family="sans-serif" font-size="12" role="img">'
        ),
        f"<title>{escape(title)}, by number of cases</title>",
        f'<rect width="{whole}" height="{tall}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-weight="bold">{escape(title)}</text>',
    ]
    for power in range(left, right + 1):
        x = LEFT + WIDTH * (power - left) / (right - left)
        parts.append(f'<path d="M{x:.1f} {TOP}V{TOP + HEIGHT}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{10**power:,}</text>'
        )
    for power in range(low, high + 1):
        y = TOP + HEIGHT * (high - power) / (high - low)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{LEFT + WIDTH}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'
        )
    parts.append(
        f'<text x="{LEFT + WIDTH / 2:.0f}" y="{tall - 6}" text-anchor="middle">cases</text>'
    )
    for number, (name, points) in enumerate(held.items()):
        colour = COLOURS[number % len(COLOURS)]
        line = "L".join(at(x, y) for x, y in sorted(points))
        parts.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = TOP + 10 + 18 * number
        parts.append(
            f'<rect x="{LEFT + WIDTH + 12}" y="{y - 9}" width="10" height="10" fill="{colour}"/>'
        )
        parts.append(f'<text x="{LEFT + WIDTH + 28}" y="{y}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
