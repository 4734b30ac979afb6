"""A procedure as a picture: boxes below each other, straight ways between neighbours, the others in lanes beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rem_cli.procedures.definition import Definition
from rem_cli.procedures.outline import Box, Way, boxes, sentence
from rem_cli.series.chart.drawing import Area, Drawing, Item, Path, Words

# Pixels.
_LEFT, _TOP, _GAP, _PAD, _ROW, _LANE = 16.0, 40.0, 16.0, 10.0, 15.0, 16.0
_LETTER = 6.4  # how wide a letter of 11 pixels is at most
_STYLES = {"next": "line", "branch": "line2", "begins": "line3", "catch": "line5"}


@dataclass(frozen=True)
class _Placed:
    box: Box
    top: float
    bottom: float  # of the frame
    end: float  # below the ways that are written under it


@dataclass(frozen=True)
class _Jump:
    """A way beside the boxes, from one height to another, in a lane of its own for as long as it goes."""

    way: Way
    start: float
    end: float
    lane: int


def picture(definition: Definition) -> Drawing:
    """The machine as lines, areas and words."""
    found = boxes(definition)
    texts = [text for box in found for text in (box.name, *box.lines, *(f"    {way.label}" for way in box.ways))]
    width = max(160.0, max((len(text) for text in texts), default=0) * _LETTER + 2 * _PAD)
    placed = _placed(found)
    jumps = _jumps(placed)
    right = _LEFT + width
    items: list[Item] = [Words(_LEFT, 20.0, definition.path, "title", 13.0, bold=True)]
    for one in placed:
        items += _frame(one, right)
    for place, one in enumerate(placed[:-1]):
        if any(way.kind == "next" and way.to == placed[place + 1].box.name for way in one.box.ways):
            items += _straight(one, placed[place + 1])
    for jump in jumps:
        items += _lane(jump, right)
    lanes = 1 + max((jump.lane for jump in jumps), default=-1)
    total = max(right + 24 + lanes * _LANE, _LEFT + len(definition.path) * 8.0) + 16
    return Drawing(total, (placed[-1].end if placed else _TOP) + 16, sentence(definition, found), items)


def _placed(found: Sequence[Box]) -> list[_Placed]:
    placed = []
    top = _TOP
    for place, box in enumerate(found):
        bottom = top + _PAD + _ROW * (1 + len(box.lines)) + _PAD / 2
        following = found[place + 1].name if place + 1 < len(found) else None
        end = bottom + _ROW * len(_beside(box, following))
        placed.append(_Placed(box, top, bottom, end))
        top = end + _GAP
    return placed


def _beside(box: Box, following: str | None) -> list[Way]:
    """The ways of a box that do not go straight to the next one."""
    return [way for way in box.ways if not (way.kind == "next" and way.to == following) and (way.to or way.label)]


def _jumps(placed: Sequence[_Placed]) -> list[_Jump]:
    tops = {one.box.name: one.top for one in placed}
    jumps: list[_Jump] = []
    for place, one in enumerate(placed):
        following = placed[place + 1].box.name if place + 1 < len(placed) else None
        for row, way in enumerate(_beside(one.box, following)):
            start = one.bottom + _ROW * row + _ROW * 0.6
            end = tops.get(way.to, one.top) + _PAD + 6 + 3 * sum(jump.way.to == way.to for jump in jumps)
            low, high = min(start, end), max(start, end)
            taken = {
                jump.lane for jump in jumps if min(jump.start, jump.end) <= high and max(jump.start, jump.end) >= low
            }
            lane = next(number for number in range(len(jumps) + 1) if number not in taken)
            jumps.append(_Jump(way, start, end, lane))
    return jumps


def _frame(one: _Placed, right: float) -> list[Item]:
    corners = [(_LEFT, one.top), (right, one.top), (right, one.bottom), (_LEFT, one.bottom), (_LEFT, one.top)]
    items: list[Item] = [Path(corners, "line6", 1.2)]
    items.append(Words(_LEFT + _PAD, one.top + _PAD + 6, one.box.name, "title", 12.0, bold=True))
    for row, text in enumerate(one.box.lines, 1):
        items.append(Words(_LEFT + _PAD, one.top + _PAD + 6 + _ROW * row, text, "dim", 11.0))
    return items


def _straight(one: _Placed, following: _Placed) -> list[Item]:
    x = _LEFT + 14
    tip = following.top
    return [Path([(x, one.bottom), (x, tip - 6)], "line"), Area([(x - 4, tip - 7), (x + 4, tip - 7), (x, tip)], "line")]


def _lane(jump: _Jump, right: float) -> list[Item]:
    style = _STYLES[jump.way.kind]
    x = right + 18 + jump.lane * _LANE
    tip = right
    return [
        Words(_LEFT + 28, jump.start + 3.5, jump.way.label or "next", style, 11.0),
        Path([(right - 14, jump.start), (x, jump.start), (x, jump.end), (tip + 6, jump.end)], style, 1.2),
        Area([(tip + 7, jump.end - 4), (tip + 7, jump.end + 4), (tip, jump.end)], style),
    ]
