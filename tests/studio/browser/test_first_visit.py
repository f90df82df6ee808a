"""The very first visit: a new home, a browser that was never here."""

from axe import assert_accessible
from complaints import TELL_VIOLATIONS, Complaints
from journeys import COUNT_SOUNDS, wait_until_ready
from playwright.sync_api import Browser, expect
from studio_process import StudioProcess

MOST_MS = 240_000  # the first loop of a studio that has just begun, on a busy machine


def test_first_visit_leads_to_sound(browser: Browser, studio_server: StudioProcess, complaints: Complaints) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.add_init_script(TELL_VIOLATIONS)
        context.add_init_script(COUNT_SOUNDS)
        context.on("page", complaints.listen)
        page = context.new_page()
        page.goto(f"{studio_server.address}?token={studio_server.token}")
        wait_until_ready(page)
        hint = page.get_by_role("complementary", name="First steps")
        expect(hint.get_by_role("listitem")).to_have_count(3)
        expect(hint.get_by_role("listitem").first).to_contain_text("Press Play")
        assert_accessible(page)
        done = hint.get_by_role("button", name="Got it")
        for _ in range(30):
            page.keyboard.press("Tab")
            if done.evaluate("button => button === document.activeElement"):
                break
        expect(done).to_be_focused()
        page.keyboard.press("Enter")
        expect(hint).to_be_hidden()
        play = page.get_by_role("button", name="Play")
        expect(play).to_be_focused()
        assert page.evaluate("sounds") == 0
        play.click()
        expect(page.locator(".cell.now").first).to_be_attached(timeout=MOST_MS)
        assert page.evaluate("sounds") > 0
        page.reload()
        wait_until_ready(page)
        expect(hint).to_have_count(0)
