"""One browser for many people: to start one for each takes longer than to look at their pages."""

from __future__ import annotations

from playwright.sync_api import Cookie, Page

from tests.browser.people import Entrance, log_in
from tests.browser.scenery import Scenery

_NOTHING_ASKS_HERE = "/static/mark.svg"


class Seat:
    """Whoever sits down finds the session that they left; a page that follows must not see them change."""

    def __init__(self, entrance: Entrance, scenery: Scenery) -> None:
        self.page: Page = entrance.enter()
        self._scenery, self._person = scenery, ""
        self._left: dict[str, list[Cookie]] = {"": []}

    def take(self, person: str) -> None:
        if person == self._person:
            return
        context = self.page.context
        self.page.goto(_NOTHING_ASKS_HERE)
        self._left[self._person] = context.cookies()
        context.clear_cookies()
        if person in self._left:
            context.add_cookies(self._left[person])  # type: ignore[arg-type]
        else:
            log_in(self.page, *self._scenery.credentials(person))
        self._person = person
