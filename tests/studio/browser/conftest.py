"""A real browser and a real server for journeys through the page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import CHROMIUM, FLAGS, NO_BROWSER
from complaints import TELL_VIOLATIONS, Complaints
from journeys import wait_until_ready
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from studio_process import StudioProcess

_skipped: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that journeys were left out."""
    if _skipped:
        terminalreporter.section("NO BROWSER", sep="!", red=True, bold=True)
        terminalreporter.line(f"{NO_BROWSER}: {len(_skipped)} tests skipped.", red=True, bold=True)


@pytest.fixture(scope="module")
def studio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """A studio on a new home, shared by the tests of a module; `restart()` and `kill()` keep port and home."""
    if CHROMIUM is None:
        pytest.skip(NO_BROWSER)
    server = StudioProcess(tmp_path_factory.mktemp("studio") / "home")
    server.start()
    yield server
    if server.process is not None:
        server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, headless. One for each module: while Playwright runs, asyncio.run() can not."""
    if CHROMIUM is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """What the pages of this test complain of; the test fails where it was not foreseen."""
    heard = Complaints()
    yield heard
    assert not heard.unforeseen(), "the browser complained:\n" + "\n".join(heard.unforeseen())


@pytest.fixture
def context(browser: Browser, studio_server: StudioProcess, complaints: Complaints) -> Iterator[BrowserContext]:
    """A browser of somebody whom the studio knows; `context.new_page()` opens another window."""
    if studio_server.process is None:
        studio_server.start()  # a test before this one killed it
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.set_default_timeout(15_000)
    context.add_cookies([studio_server.cookie])  # type: ignore[list-item]
    context.add_init_script(TELL_VIOLATIONS)
    context.on("page", complaints.listen)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, studio_server: StudioProcess) -> Page:
    """The studio's page, ready to be used."""
    page = context.new_page()
    page.goto(studio_server.address)
    wait_until_ready(page)
    return page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Count the tests that were skipped for want of a browser."""
    report = yield
    if report.skipped and CHROMIUM is None and Path(__file__).parent in item.path.parents:
        _skipped.append(item.nodeid)
    return report
