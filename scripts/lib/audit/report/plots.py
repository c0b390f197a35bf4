"""Draws the report's plots as SVG that stands in a page and needs nothing besides it.

    months_plot(months)     # what came in above the line, what went out below, and what was held

Text stays text, in the fonts of the page; the same figures make the same bytes on every machine: no date, no
random name, no font of the machine is looked at. Labels are few and short, since the page says the rest.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from io import StringIO

from scripts.lib.workspace import HOME

os.environ.setdefault("MPLCONFIGDIR", str(HOME / "matplotlib"))  # it would write into the user's home
# In a log of debugging it tells which fonts of the machine it has looked at.
logging.getLogger("matplotlib").setLevel(logging.WARNING)

import matplotlib as mpl  # noqa: E402
from matplotlib import font_manager  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from scripts.lib.audit.report.transfers import Flow  # noqa: E402

WIDTH, HEIGHT = 400, 260
"""In points, which are the page's pixels on a telephone."""

COLOURS = {
    Flow.GRANTED: "#1f5f8b",
    Flow.EXCHANGED: "#5b9bc8",
    Flow.BONUS: "#a9cfe8",
    Flow.RESTORED: "#7a6fb0",
    Flow.REFUNDED: "#c3bde0",
    Flow.USED: "#d07a1f",
    Flow.LAPSED: "#8d8d8d",
    Flow.REVOKED: "#4d4d4d",
    Flow.CARRIED_IN: "#8fb8a6",
    Flow.CARRIED_OUT: "#bfa27a",
}
INK, FAINT, HELD = "#3a3f45", "#d9dde2", "#2f7d5b"

_IN = (Flow.GRANTED, Flow.EXCHANGED, Flow.BONUS, Flow.RESTORED, Flow.REFUNDED, Flow.CARRIED_IN)
_OUT = (Flow.USED, Flow.LAPSED, Flow.REVOKED, Flow.CARRIED_OUT)
_MOST_LABELS = 18
_FEWEST_PLACES = 8
_SETTINGS = {
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "figure.dpi": 72,
}


def months_plot(
    months: Sequence[int],
    flows: Mapping[Flow, Sequence[int]],
    held: Sequence[int] | None,
) -> str:
    """Return a series' plot: stacked flows of each month, and below them what residents held at its end.

    Args:
        months: in order, without a gap.
        flows: points of each month.
        held: points; None leaves the lower part away.
    """

    def draw(figure: Figure) -> None:
        upper = figure.add_axes((0.115, 0.40 if held else 0.13, 0.875, 0.575 if held else 0.845))
        above, below = [0] * len(months), [0] * len(months)
        for flow in (*_IN, *_OUT):
            sign, base = (1, above) if flow in _IN else (-1, below)
            heights = [sign * points for points in flows[flow]]
            if any(heights):
                upper.bar(range(len(months)), heights, 0.72, bottom=base, color=COLOURS[flow])
                base[:] = [one + other for one, other in zip(base, heights, strict=True)]
        upper.axhline(0, color=INK, linewidth=0.8)
        upper.spines["bottom"].set_visible(False)
        _scale(upper, min(below), max(above))
        _months(upper, months, labels=held is None)
        if held:
            lower = figure.add_axes((0.115, 0.13, 0.875, 0.205))
            lower.fill_between(range(len(months)), held, step="mid", color=HELD, alpha=0.25, linewidth=0)
            lower.plot(range(len(months)), held, drawstyle="steps-mid", color=HELD, linewidth=1.5)
            _scale(lower, 0, max(held), steps=2)
            _months(lower, months, labels=True)

    return _drawn("months", draw)


def endings_plot(months: Sequence[int], points: Sequence[int], later: int, never: int) -> str:
    """Return the plot of what ends with each month if nobody spends it; later months and none stand last."""

    def draw(figure: Figure) -> None:
        axes = figure.add_axes((0.115, 0.18, 0.875, 0.79))
        heights = [*points, later, never]
        colours = [COLOURS[Flow.LAPSED]] * (len(points) + 1) + [HELD]
        axes.bar(range(len(heights)), heights, 0.72, color=colours)
        _scale(axes, 0, max(heights))
        _months(axes, months, labels=True, more=("以降", "期限\nなし"))

    return _drawn("endings", draw, HEIGHT * 0.7)


def _months(axes: Axes, months: Sequence[int], *, labels: bool, more: Sequence[str] = ()) -> None:
    """Label months by their number, and the first of each year by the year as well; then what comes after."""
    axes.set_xlim(-0.6, max(len(months) + len(more), _FEWEST_PLACES) - 0.4)
    every = 1 if len(months) <= _MOST_LABELS else 3
    texts = []
    for place, month in enumerate(months):
        year, number = divmod(month, 12)
        if place == 0 or number == 0:
            text = f"{number + 1}月\n{2000 + year}年"
        else:
            text = str(number + 1) if number % every == 0 else ""
        texts.append(text)
    texts += more
    axes.set_xticks(range(len(texts)), texts if labels else [""] * len(texts))


def _scale(axes: Axes, low: int, high: int, steps: int = 4) -> None:
    """Set round steps of points from `low` to `high`, the labels in 万 where they are large."""
    step = _round_step(max(high - low, 1) / steps)
    first, last = -(-low // step) * step, high // step * step
    ticks = list(range(first, last + 1, step))
    margin = max(high - low, 1) * 0.04
    if high - last > step / 2:
        last += step
        ticks.append(last)
    axes.set_ylim(low - (margin if low else 0), max(high, last) + margin)
    axes.set_yticks(ticks, [_short(abs(tick)) for tick in ticks])
    axes.grid(axis="y", linewidth=0.7)


def _round_step(least: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20 … that is not less."""
    unit = 1
    while True:
        for factor in (1, 2, 5):
            if factor * unit >= least:
                return factor * unit
        unit *= 10


def _short(points: int) -> str:
    """Return a number as short as an axis takes it: 12.5万."""
    for unit, name in ((100_000_000, "億"), (10_000, "万")):
        if points >= unit:
            return f"{points / unit:.2f}".rstrip("0").rstrip(".") + name
    return str(points)


def _drawn(name: str, draw: Callable[[Figure], None], height: float = HEIGHT) -> str:
    own = mpl.get_data_path()
    fonts = font_manager.fontManager
    fonts.ttflist = [font for font in fonts.ttflist if font.fname.startswith(own)]
    page = StringIO()
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # whatever this machine's user has set
        mpl.rcParams.update(_SETTINGS | {"svg.hashsalt": name})
        # Measured by a font that lacks Japanese; the page has one, and every text stands at its anchor.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure = Figure(figsize=(WIDTH / 72, height / 72))
        FigureCanvasSVG(figure)
        draw(figure)
        figure.savefig(page, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inline(page.getvalue())


def _inline(svg: str) -> str:
    """Return a drawing as it may stand in a page, several times."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    head, rest = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', head)
    assert box is not None
    used = set(re.findall(r"url\(#([^)]+)\)|href=\"#([^\"]+)\"", rest))
    named = {one or other for one, other in used}
    rest = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in named else "", rest)
    rest = rest.replace("xlink:href", "href")
    # The page's own fonts, not those it was measured with.
    rest = re.sub(r" font-family: [^;]+;", "", rest)
    while "<g/>" in rest or re.search(r"<g>\s*</g>", rest):
        rest = re.sub(r"<g/>\s*|<g>\s*</g>\s*", "", rest)
    return f'<svg {box[0]} role="img" aria-hidden="true">{rest}'
