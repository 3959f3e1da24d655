"""A picture of the makespan benchmark, as SVG: how long each way took, in what no way can beat."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

_LEFT, _WIDTH, _ROW, _HEAD = 150, 640, 18, 30
_MOST = 3.0
"""Times the bound, that the width shows."""
_COLOURS = {"watcher": "#1a7f37", "loop": "#6e7781"}
_OTHER, _KILLED = "#57a0d8", "#cf222e"


def drawing(bars: Iterable[tuple[str, str, float | None, int, float]]) -> str:
    """Bars of (fleet, way, times the bound, kills, peak share of the limit), in their order."""
    y, last, drawn = 10, "", []
    for fleet, way, times, kills, peak in bars:
        if fleet != last:
            y += _HEAD
            drawn.append(_text(10, y - 8, fleet, "bold"))
            last = fleet
        drawn += _row(y, way, times, kills, peak)
        y += _ROW
    one = _LEFT + _WIDTH / _MOST
    width, height = _LEFT + _WIDTH + 230, y + 20
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'font-family="sans-serif" font-size="12">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            f'<line x1="{one}" y1="10" x2="{one}" y2="{y}" stroke="#999" stroke-dasharray="3"/>',
            _text(int(one) - 20, height - 6, "bound"),
            *drawn,
            "</svg>\n",
        )
    )


def _row(y: int, way: str, times: float | None, kills: int, peak: float) -> Iterable[str]:
    colour = _KILLED if kills else _COLOURS.get(way.split()[0], _OTHER)
    shown = _MOST if times is None else min(times, _MOST)
    said = "never" if times is None else f"{times:.2f} x"
    yield _text(20, y + 12, way)
    yield (
        f'<rect x="{_LEFT}" y="{y + 2}" width="{shown / _MOST * _WIDTH:.0f}" '
        f'height="{_ROW - 5}" fill="{colour}" opacity="{0.3 if times is None else 0.9}"/>'
    )
    said += f", peak {peak:.0%}" + (f", {kills} kills" if kills else "")
    yield _text(_LEFT + int(shown / _MOST * _WIDTH) + 6, y + 12, said)


def _text(x: int, y: int, text: str, weight: str = "normal") -> str:
    return f'<text x="{x}" y="{y}" font-weight="{weight}">{escape(text)}</text>'
