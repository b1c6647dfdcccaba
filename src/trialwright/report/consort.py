"""The CONSORT flow diagram, drawn from its numbers.

Schulz KF, Altman DG, Moher D. CONSORT 2010 statement. BMJ 2010;340:c332.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from trialwright.analysis.results import ArmFlow, Flow
from trialwright.report.svg import FONT, Figure, embedded
from trialwright.report.words import Words

LINE, PADDING, GAP = 15, 8, 22
LETTER = 5.7  # mean width of a letter at 11 px, measured in Chromium's default sans serif
REASONS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Box:
    """A box of text; the first line is its heading."""

    x: float
    y: float
    width: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        """As tall as its text."""
        return len(self.lines) * LINE + 2 * PADDING

    @property
    def middle(self) -> float:
        """The horizontal middle."""
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    def svg(self) -> str:
        """The box and its text, the heading in bold."""
        text = ""
        for n, line in enumerate(self.lines):
            weight = ' font-weight="600"' if n == 0 else ""
            y = self.y + PADDING + 11 + LINE * n
            text += f'<text x="{self.x + PADDING:g}" y="{y:g}"{weight}>{escape(line)}</text>'
        return (
            f'<rect x="{self.x:g}" y="{self.y:g}" width="{self.width:g}" height="{self.height:g}"'
            f' rx="3" fill="#fff" stroke="#555"/>{text}'
        )


def consort(words: Words, flow: Flow) -> Figure:
    """Screened, randomized, and for each arm allocated, ended early and analyzed."""
    count = len(flow.arms)
    width = max(480.0, 158.0 * count)
    column = width / count
    screened = Box(0, 0, width * 0.44, (f"Screened: {flow.screened}",))
    turned_away = _box(width * 0.5, 0, width * 0.5, _turned_away(words, flow))
    top = max(screened.bottom + GAP, turned_away.bottom) + GAP / 2
    randomized = Box(0, top, width * 0.44, (f"Randomized: {flow.randomized}",))
    rows: list[list[Box]] = []
    y = randomized.bottom + GAP * 1.5
    for lines_of in (_allocated, _ended, _analyzed):
        boxes = [
            _box(column * n + 4, y, column - 8, lines_of(words, arm))
            for n, arm in enumerate(flow.arms)
        ]
        rows.append(boxes)
        y = max(box.bottom for box in boxes) + GAP
    parts = [_down(screened.middle, screened.bottom, top), _across(screened, turned_away)]
    parts += _branches(randomized, rows[0])
    for upper, lower in pairwise(rows):
        parts += [_down(a.middle, a.bottom, b.y) for a, b in zip(upper, lower, strict=True)]
    parts += [
        box.svg() for box in (screened, turned_away, randomized, *(b for r in rows for b in r))
    ]
    svg = (
        f'<svg viewBox="-1 -1 {width + 2:g} {y - GAP + 2:g}"><g font-family="{FONT}"'
        f' font-size="11" fill="#1a1a1a">{"".join(parts)}</g></svg>'
    )
    title, description = "Flow of participants", _description(words, flow)
    return Figure(
        "consort",
        title,
        description,
        embedded(svg, "consort", title, description),
        ("Not randomized because of", "Participants"),
        tuple((words.criterion(name), str(n)) for name, n in flow.not_randomized.items()),
        width=int(width),
    )


def _box(x: float, y: float, width: float, lines: Sequence[str]) -> Box:
    letters = max(8, int((width - 2 * PADDING) / LETTER))
    wrapped = [
        part
        for line in lines
        for part in textwrap.wrap(line, letters, subsequent_indent="  ") or [""]
    ]
    return Box(x, y, width, tuple(wrapped))


def _turned_away(words: Words, flow: Flow) -> list[str]:
    reasons = sorted(flow.not_randomized.items(), key=lambda each: -each[1])
    shown, rest = reasons[:REASONS_SHOWN], reasons[REASONS_SHOWN:]
    lines = [f"Not randomized: {sum(flow.not_randomized.values())}"]
    lines += [
        f"{n} · {textwrap.shorten(words.criterion(name), 60, placeholder=' …')}"
        for name, n in shown
    ]
    if rest:
        lines.append(f"{sum(n for _, n in rest)} · {len(rest)} other reasons, listed below")
    return lines


def _allocated(words: Words, arm: ArmFlow) -> list[str]:
    return [words.group(arm.allocated_to), f"Allocated: {arm.allocated}", f"Treated: {arm.treated}"]


def _ended(_: Words, arm: ArmFlow) -> list[str]:
    lines = [f"Ended early: {sum(arm.ended_early.values())}"]
    lines += [f"{n} · {reason}" for reason, n in arm.ended_early.items()]
    return lines + ([f"Still in the study: {arm.ongoing}"] if arm.ongoing else [])


def _analyzed(_: Words, arm: ArmFlow) -> list[str]:
    return [f"Analyzed: {arm.analyzed}", f"Completed: {arm.completed}"]


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="#555" fill="none"/>'


def _down(x: float, y1: float, y2: float) -> str:
    head = f'<path d="M{x - 3:g} {y2 - 6:g}L{x:g} {y2:g}L{x + 3:g} {y2 - 6:g}z" fill="#555"/>'
    return _line(x, y1, x, y2) + head


def _across(left: Box, right: Box) -> str:
    y = left.y + left.height / 2
    tip = f"M{right.x - 6:g} {y - 3:g}L{right.x:g} {y:g}L{right.x - 6:g} {y + 3:g}z"
    head = f'<path d="{tip}" fill="#555"/>'
    return _line(left.x + left.width, y, right.x, y) + head


def _branches(source: Box, targets: Sequence[Box]) -> list[str]:
    y = source.bottom + GAP * 0.7
    ends = [source.middle, *(box.middle for box in targets)]
    return [
        _line(source.middle, source.bottom, source.middle, y),
        _line(min(ends), y, max(ends), y),
        *(_down(box.middle, y, box.y) for box in targets),
    ]


def _description(words: Words, flow: Flow) -> str:
    arms = "; ".join(
        f"{words.group(arm.allocated_to)}: {arm.allocated} allocated, {arm.treated} treated,"
        f" {sum(arm.ended_early.values())} ended early, {arm.completed} completed,"
        f" {arm.analyzed} analyzed"
        for arm in flow.arms
    )
    return (
        f"{flow.screened} people were screened, {sum(flow.not_randomized.values())} were not"
        f" randomized, {flow.randomized} were. {arms}."
    )
