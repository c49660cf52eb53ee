"""The tag that draws a definition's steps as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

from portal import diagrams

register = template.Library()


@register.inclusion_tag("components/diagram.html")
def workflow_diagram(steps: Sequence[diagrams.Step], title: str, with_status: bool = False) -> dict[str, Any]:
    """The drawing of `steps` named `title`, by classes only (strict CSP); a list belongs beside it."""
    return diagrams.draw(steps, title, with_status)
