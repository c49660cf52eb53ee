"""Draws a workflow's steps from top to bottom: places, curves and words for `components/diagram.html`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from portal import looks
from portal.graph_layout import Layout, Point, arrange
from workflows.vocabulary.statuses import StepRunStatus

WIDTH, HEIGHT = 240, 54  # of a step, in pixels
ACROSS, DOWN = 268, 96  # from column to column, from layer to layer
MARGIN = 4
TIP = 7  # length of an arrow's tip
NAME_LENGTH = 29  # half-width characters that fit a step
PLAIN_OUTPUT = "continue"


@dataclass(frozen=True)
class Step:
    """What the drawing needs to know of a step; `status` is None where the instance has not been."""

    unique_name: str
    display_name: str
    type_label: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    enabled: bool = True
    status: StepRunStatus | None = None
    left_by: str = ""  # the output that the instance took


def draw(steps: Sequence[Step], title: str, with_status: bool) -> dict[str, Any]:
    """The context of `components/diagram.html`; `with_status` adds each step's state in colour and words."""
    links = [(step.unique_name, target) for step in steps for target in step.outputs.values()]
    layout = arrange([step.unique_name for step in steps], links)
    return {
        "title": title,
        "description": _description(steps),
        "width": round(layout.width * ACROSS - (ACROSS - WIDTH)) + 2 * MARGIN,
        "height": max(layout.layers * DOWN - (DOWN - HEIGHT), 0) + 2 * MARGIN,
        "edges": [edge for step in steps for edge in _edges(step, layout)],
        "nodes": [_node(step, layout.steps[step.unique_name], with_status) for step in steps],
    }


def clipped(text: str, length: int = NAME_LENGTH) -> str:
    """The text cut to a number of half-width characters, with an ellipsis where it was cut."""
    shown = text[: length + 1]
    if shown == text and _width(text) <= length:
        return text
    while _width(shown) > length - 1:
        shown = shown[:-1]
    return shown.rstrip() + "…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _description(steps: Sequence[Step]) -> str:
    return _("%(count)d steps: %(names)s.") % {
        "count": len(steps),
        "names": ", ".join(step.display_name for step in steps),
    }


def _edges(step: Step, layout: Layout) -> list[dict[str, Any]]:
    """The links that leave a step; outputs that lead to the same step share a line."""
    outputs: dict[str, list[str]] = {}
    for output, target in step.outputs.items():
        outputs.setdefault(target, []).append(output)
    return [
        _edge(layout.routes[step.unique_name, target], names) | {"is_taken": step.left_by in names}
        for target, names in outputs.items()
        if (step.unique_name, target) in layout.routes
    ]


def _edge(points: Sequence[Point], outputs: list[str]) -> dict[str, Any]:
    """A line from step to step, its arrow's tip, and its words, on the middle of the line's first part."""
    way = -1 if points[-1].layer < points[0].layer else 1
    line = [(_x(point), _top(point) + HEIGHT / 2) for point in points]
    line[0] = (line[0][0], line[0][1] + way * HEIGHT / 2)
    x, y = line[-1][0], line[-1][1] - way * HEIGHT / 2
    line[-1] = (x, y - way * TIP)
    (left, top), (right, bottom) = line[:2]
    return {
        "path": _curve(line),
        "tip": f"M{x:g} {y:g}l-4.5 {-way * TIP}h9z",
        "words": "" if outputs == [PLAIN_OUTPUT] else clipped(", ".join(outputs), 18),
        "x": f"{(left + right) / 2:g}",
        "y": f"{(top + bottom) / 2 + 4:g}",
    }


def _curve(points: Sequence[tuple[float, float]]) -> str:
    return "M{:g} {:g}".format(*points[0]) + "".join(_bend(upper, lower) for upper, lower in pairwise(points))


def _bend(start: tuple[float, float], end: tuple[float, float]) -> str:
    middle = f"{(start[1] + end[1]) / 2:g}"
    return f"C{start[0]:g} {middle} {end[0]:g} {middle} {end[0]:g} {end[1]:g}"


def _node(step: Step, point: Point, with_status: bool) -> dict[str, Any]:
    look = looks.look_of(step.status)
    words = [step.type_label]
    if not step.enabled:
        words.append(_("disabled"))
    elif with_status:
        words.append(str(look.label))
    return {
        "x": f"{_x(point) - WIDTH / 2:g}",
        "y": _top(point),
        "name": clipped(step.display_name),
        "full_name": step.display_name,
        "words": clipped(" · ".join(words), NAME_LENGTH + 5),
        "tone": look.tone if with_status and step.status is not None else "",
        "is_end": not step.outputs,
        "is_off": not step.enabled,
    }


def _x(point: Point) -> float:
    return MARGIN + point.x * ACROSS - (ACROSS - WIDTH) / 2


def _top(point: Point) -> int:
    return MARGIN + point.layer * DOWN
