"""The cast of the API's tests, in the seed documents' own stories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.api.conftest import cast, world

if TYPE_CHECKING:
    from tests.api.clients import ApiClient
    from tests.stories.telling import Story
    from tests.world import World

__all__ = ["cast", "world"]


@pytest.fixture
def story(cast: Callable[..., ApiClient], world: World) -> Iterator[Story]:
    """Version 3 of a definition for a template is published; nothing has been requested yet."""
    from tests.stories.telling import Story

    story = Story.begin(cast, world)
    for approvals in (1, 2, 1):
        story.publish(approvals)
    assert story.published == 3
    return story
