"""One participant through every page of a study, by keyboard; on the way the browser is closed, the server killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe import assert_accessible
from complaints import Complaints
from playwright.sync_api import Browser, Page
from study_journeys import OPEN, open_browser, reach, tab_to
from study_process import TINY, StudyProcess

from ghostnote.study.running import Study


@pytest.fixture
def served(tmp_path: Path, complaints: Complaints) -> Iterator[StudyProcess]:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    server = StudyProcess(path)
    server.start()
    yield server
    server.stop()


def rate(page: Page, step: str, key: str) -> None:
    reach(page, step)
    page.keyboard.press("l")  # before it was played: must do nothing
    page.keyboard.press("Space")  # the focus is on Play
    page.wait_for_selector(OPEN)
    page.keyboard.press(key)


def test_a_participant_goes_all_the_way_by_keyboard(
    browser: Browser, served: StudyProcess, complaints: Complaints
) -> None:
    context = open_browser(browser, complaints)
    page = context.new_page()
    page.goto(served.join)
    reach(page, "join")
    assert_accessible(page)
    tab_to(page, "Begin")
    page.keyboard.press("Enter")

    reach(page, "consent")
    assert page.title() == "Loops <b>"
    assert_accessible(page)
    tab_to(page, "Begin")
    page.keyboard.press("Enter")  # without having agreed
    page.wait_for_selector("text=Tick the box if you agree")
    tab_to(page, "another device")
    page.keyboard.press("Enter")
    page.wait_for_selector("details code:has-text('/p/')")
    assert_accessible(page)
    tab_to(page, "agree")
    page.keyboard.press("Space")
    tab_to(page, "Begin")
    page.keyboard.press("Enter")

    reach(page, "instructions")
    assert_accessible(page)
    tab_to(page, "go on")
    page.keyboard.press("Enter")  # before the sound check: must do nothing
    tab_to(page, "Volume")
    tab_to(page, "Play the tones")
    page.keyboard.press("Enter")
    tab_to(page, "go on")
    page.wait_for_selector("button.primary:not([aria-disabled])")
    page.keyboard.press("Enter")

    reach(page, "trial-1")
    assert_accessible(page)
    rate(page, "trial-1", "l")
    rate(page, "trial-2", "d")

    reach(page, "pause")
    assert_accessible(page)
    tab_to(page, "pause-text")
    page.keyboard.type("Kicks & <lows>")
    page.wait_for_selector("button.primary:enabled")
    tab_to(page, "Go on")
    page.keyboard.press("Enter")
    rate(page, "trial-3", "l")
    reach(page, "trial-4")

    kept = context.storage_state()
    context.close()  # as somebody does who has had enough for today
    context = open_browser(browser, complaints, kept)
    page = context.new_page()
    page.goto(served.join)  # the link for everybody leads back to where this browser was
    rate(page, "trial-4", "d")

    reach(page, "trial-5")
    complaints.foresee("ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET")
    page.keyboard.press("Space")
    page.wait_for_selector(OPEN)
    served.kill()
    page.keyboard.press("l")  # kept in the browser
    page.wait_for_selector("#banner p")
    assert_accessible(page)
    served.start()
    rate(page, "trial-6", "l")

    reach(page, "survey")
    assert_accessible(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")  # from 1 to 2
    tab_to(page, "question-comments")
    page.keyboard.type("no")
    tab_to(page, "Finish")
    page.keyboard.press("Enter")

    reach(page, "thanks")
    page.wait_for_selector("text=Your result")
    assert_accessible(page)
    with page.expect_download() as download:
        tab_to(page, "MIDI")
        page.keyboard.press("Enter")
    assert Path(download.value.path()).read_bytes().startswith(b"MThd")
    context.close()

    operating = open_browser(browser, complaints)
    page = operating.new_page()
    complaints.foresee("401|404")
    for closed in ("/study", f"/p/{'0' * 24}"):
        page.goto(served.address + closed)
        page.wait_for_selector("text=This page is closed")
        assert_accessible(page)
    page.goto(served.operator)
    reach(page, "operator")
    assert page.locator("tbody tr").count() == 1
    assert "finished" in page.locator("tbody").inner_text()
    assert_accessible(page)
    operating.close()

    study = Study.open(served.path)
    (participant,) = study.participants()
    answers = study.store.answers(participant)
    liked = [answers[f"trial-{n}"].value["liked"] for n in range(1, 7)]
    assert liked == [True, False, True, False, True, True]
    assert answers["survey"].value["answers"] == {"learned": 2, "comments": "no"}
    assert answers["pause"].value["text"] == "Kicks & <lows>"
    assert all(answers[f"trial-{n}"].times["played_seconds"][0] >= 0.3 for n in range(1, 7))
