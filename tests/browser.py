"""One Chromium for the tests of pages, which asks no host for anything."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


FOLLOW = """fragment => new Promise(done => {
    if (location.hash.slice(1) === fragment) return done();
    addEventListener("hashchange", () => done(), { once: true });
    location.hash = fragment;
})"""


@dataclass
class Tab:
    """A browser tab, and everything that a page must not do."""

    page: Any
    requests: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.alarms.append(message.text))
        self.page.on("pageerror", lambda error: self.alarms.append(str(error)))
        self.page.on("dialog", self._dismiss)

    def open(self, path: Path, fragment: str = "") -> Any:
        """Show a page from its file."""
        self.page.goto(f"{path.as_uri()}#{fragment}")
        return self.page

    def show(self, fragment: str) -> None:
        """Go to another place of the page that is open; it has followed when this returns."""
        self.page.evaluate(FOLLOW, fragment)

    def texts(self, selector: str) -> list[str]:
        """The text of each element, as it stands in the document."""
        return list(self.page.locator(selector).all_text_contents())

    def count(self, selector: str) -> int:
        return int(self.page.locator(selector).count())

    def _dismiss(self, dialog: Any) -> None:
        self.alarms.append(f"dialog {dialog.message}")
        dialog.dismiss()


@dataclass(frozen=True)
class Chromium:
    """A running browser, and the loop that Playwright drives it with."""

    browser: Any
    loop: asyncio.AbstractEventLoop

    @contextmanager
    def awake(self) -> Iterator[Any]:
        """The browser to use. Between its calls Playwright leaves its loop marked as running in
        this thread, where tests before and after start loops of their own."""
        asyncio._set_running_loop(self.loop)
        try:
            yield self.browser
        finally:
            asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """The browser of this test process."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    manager = playwright.sync_playwright()
    started = manager.start()
    browser = started.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
    chromium = Chromium(browser, asyncio.get_running_loop())
    asyncio._set_running_loop(None)
    yield chromium
    with chromium.awake():
        browser.close()
        started.stop()


@pytest.fixture
def tab(chromium: Chromium) -> Iterator[Tab]:
    """A new tab of 1200 by 800 pixels, in light colours."""
    with chromium.awake() as browser:
        context = browser.new_context(
            viewport={"width": 1200, "height": 800}, color_scheme="light", reduced_motion="reduce"
        )
        context.set_default_timeout(15_000)
        yield Tab(context.new_page())
        context.close()
