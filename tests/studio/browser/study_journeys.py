"""What journeys through a study's pages share: a participant's browser, and its keyboard."""

from complaints import TELL_VIOLATIONS, Complaints
from playwright.sync_api import Browser, BrowserContext, Page

OPEN = ".study-choices button[aria-disabled=false]"
"""A trial that can be answered."""


def open_browser(
    browser: Browser, complaints: Complaints, kept: object = None, *, theme: str = "dark"
) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": 1024, "height": 768},
        storage_state=kept,  # type: ignore[arg-type]
        color_scheme="light" if theme == "light" else "dark",
    )
    context.set_default_timeout(60_000)
    context.add_init_script(TELL_VIOLATIONS)
    context.on("page", complaints.listen)
    return context


def reach(page: Page, step: str) -> None:
    page.wait_for_selector(f"html[data-ready='{step}']", state="attached")


def tab_to(page: Page, text: str) -> None:
    """Move the focus by Tab until it is on what bears `text`."""
    for _ in range(30):
        focused = "e => e === document.body ? '' : `${e.innerText || e.getAttribute('aria-label') || ''} ${e.id}`"
        if text in page.evaluate(f"({focused})(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {text!r}")


def begin(page: Page, address: str) -> None:
    """Go through all that comes before the first trial."""
    page.goto(address)
    reach(page, "join")
    tab_to(page, "Begin")
    page.keyboard.press("Enter")
    reach(page, "consent")
    tab_to(page, "agree")
    page.keyboard.press("Space")
    tab_to(page, "Begin")
    page.keyboard.press("Enter")
    reach(page, "instructions")
    tab_to(page, "Play the tones")
    page.keyboard.press("Enter")
    tab_to(page, "go on")
    page.wait_for_selector("button.primary:not([aria-disabled])")
    page.keyboard.press("Enter")
    reach(page, "trial-1")
