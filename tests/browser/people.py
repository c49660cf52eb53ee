"""People in front of browsers: wide or narrow, with JavaScript or without."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    StorageState,
    ViewportSize,
)

WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
SIZES: dict[str, ViewportSize] = {"wide": WIDE, "narrow": PHONE}

# The browser says so of every refusal that a story meets on purpose.
_REFUSAL = "Failed to load resource: the server responded with a status of 4"


@dataclass
class Entrance:
    """The door of one installation: `troubles` went wrong unseen in any browser, paths in `seen` answered."""

    browser: Browser
    url: str
    troubles: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    _sessions: dict[str, StorageState] = field(default_factory=dict)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def enter(
        self,
        username: str = "",
        password: str = "",
        *,
        size: ViewportSize = WIDE,
        scheme: Scheme = "light",
        javascript: bool = True,
    ) -> Page:
        """A new browser, logged in as the person named: by the form, later with the same session."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport=size,
            color_scheme=scheme,
            has_touch=size == PHONE,
            java_script_enabled=javascript,
            storage_state=self._sessions.get(username),
        )
        self._contexts.append(context)
        page = context.new_page()
        self._watch(page)
        if username in self._sessions:
            page.goto("/")
        elif username:
            log_in(page, username, password)
            self._sessions[username] = context.storage_state()
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _watch(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("response", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_REFUSAL):
            self.troubles.append(f"{message.location.get('url')}: {message.text}")

    def _see(self, response: Response) -> None:
        self.seen.add(urlsplit(response.url).path)
        if response.status >= 500 or (response.status >= 400 and "/static/" in response.url):
            self.troubles.append(f"{response.url}: {response.status}")


def log_in(page: Page, username: str, password: str) -> None:
    page.goto("/login")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(lambda url: "/login" not in url)
