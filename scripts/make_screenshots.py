"""Take pictures of the studio's pages, in both themes and three widths, in docs/screenshots: `make screenshots`.

A studio of its own on an empty home is used as a person would: a session with a fixed seed, twelve answers by key, a
beat humanized, a kit changed.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "screenshots"
sys.path[:0] = [str(ROOT / "tests" / "studio"), str(ROOT / "tests" / "studio" / "browser")]

from chromium import CHROMIUM, FLAGS, NO_BROWSER  # noqa: E402
from journeys import go, wait_until_ready  # noqa: E402
from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402
from studio_process import StudioProcess  # noqa: E402

THEMES = ("dark", "light")
WIDTHS = {1280: 800, 768: 1024, 320: 640}
ANSWERS = "LDDLDLLDLLDL"
PATIENT_MS = 120_000


def explore(page: Page) -> None:
    """Rate loops until there is something to show."""
    page.locator("#page-explore[data-ready]").wait_for(state="attached", timeout=PATIENT_MS)
    page.keyboard.press("Space")
    for count, key in enumerate(ANSWERS, start=1):
        before = page.locator(".loop-title").inner_text()
        page.keyboard.press(key.lower())
        liked = ANSWERS[:count].count("L")
        counts = re.compile(rf"{liked}\s*liked\s*{count - liked}\s*disliked")
        expect(page.locator(".counts")).to_contain_text(counts, timeout=PATIENT_MS)
        expect(page.locator(".loop-title")).not_to_have_text(before, timeout=PATIENT_MS)
    page.wait_for_timeout(1500)


def groove(page: Page) -> None:
    """Humanize the funk beat."""
    go(page, "groove")
    page.locator(".demo", has_text="Funk").first.click()
    expect(page.locator(".beat-name")).to_have_text("funk", timeout=PATIENT_MS)
    page.locator(".task-go").click()
    expect(page.locator(".take", has_text="Take").first).to_be_visible(timeout=PATIENT_MS)
    expect(page.locator(".task-working")).to_be_hidden(timeout=PATIENT_MS)
    page.wait_for_timeout(1500)


def kits(page: Page) -> None:
    """Open the kit."""
    go(page, "kits")
    page.wait_for_timeout(4000)


def take(page: Page, name: str) -> None:
    """Take pictures of what is shown."""
    for theme in THEMES:
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
            page.wait_for_timeout(500)
            page.screenshot(path=FOLDER / f"{name}-{theme}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="dark", reduced_motion="no-preference")


def run(browser: Browser, studio: StudioProcess) -> None:
    """Go through the pages."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    context.add_cookies([studio.cookie])  # type: ignore[list-item]
    made = context.request.post(
        f"{studio.address}api/sessions", data={"name": "Friday night", "settings": {"seed": 7, "musical": 0.7}}
    )
    assert made.ok, made.text()
    page = context.new_page()
    page.goto(studio.address)
    wait_until_ready(page)
    page.get_by_role("button", name="Got it").click()
    for name, show in (("explore", explore), ("groove", groove), ("kits", kits)):
        show(page)
        take(page, name)
    context.close()


def main() -> None:
    """Take all pictures."""
    if CHROMIUM is None:
        raise SystemExit(NO_BROWSER)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        studio = StudioProcess(Path(home) / "home")
        studio.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        try:
            run(browser, studio)
        finally:
            browser.close()
            studio.stop()


if __name__ == "__main__":
    main()
