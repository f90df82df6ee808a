"""A listening test by keyboard, in both forms: every state can be used by everyone; a closed browser loses nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe import assert_accessible
from complaints import Complaints
from playwright.sync_api import Browser, Page
from study_journeys import OPEN, begin, open_browser, reach, tab_to
from study_process import StudyProcess, write_listening_test

from ghostnote.study.analysis import PairsAnalysis
from ghostnote.study.rates import Counted
from ghostnote.study.report import analyse
from ghostnote.study.running import Study

NAMES = ("human", "machine", "song", "lowpass", "spoilt", "catch")
"""What must be in no page: systems, items, and what a trial is for."""


@contextmanager
def served(folder: Path, form: str) -> Iterator[StudyProcess]:
    server = StudyProcess(write_listening_test(folder, form))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def hear(page: Page, key: str, left: int) -> None:
    """Play a sound by its key until so many are yet to be heard."""
    page.keyboard.press(key)
    page.wait_for_selector(OPEN if left == 0 else f".study-gate:has-text('{left} to go')")


def is_blind(page: Page) -> bool:
    told = page.content().lower()
    return not any(name in told for name in NAMES)


def finish(page: Page, said: str) -> None:
    reach(page, "survey")
    assert_accessible(page)
    tab_to(page, "question-comments")
    page.keyboard.type(said)
    tab_to(page, "Finish")
    page.keyboard.press("Enter")
    reach(page, "thanks")
    assert_accessible(page)


def test_pairs_by_keyboard_with_a_catch_trial(browser: Browser, tmp_path: Path, complaints: Complaints) -> None:
    with served(tmp_path, "ab") as server:
        context = open_browser(browser, complaints, theme="light")
        page = context.new_page()
        begin(page, server.join)
        study = Study.open(server.path)
        (who,) = study.participants()
        trials = study.store.trials(who)
        catch = next(trial for trial in trials if trial.arm == "catch")
        keys = {trial.number: "0" if trial.number == 1 else "2" for trial in trials}
        keys[catch.number] = "12"[catch.plan["right"]]

        assert_accessible(page)
        assert is_blind(page)
        page.keyboard.press("1")  # before anything was heard: must do nothing
        hear(page, "a", 1)
        assert_accessible(page)
        page.keyboard.press("2")  # before B was heard, too
        hear(page, "b", 0)
        assert_accessible(page)
        page.keyboard.press(keys[1])

        reach(page, "trial-2")
        hear(page, "a", 1)
        kept = context.storage_state()
        context.close()  # in the middle of a trial
        context = open_browser(browser, complaints, kept)
        page = context.new_page()
        page.goto(server.join)
        reach(page, "trial-2")  # both are to be heard anew
        page.wait_for_selector(".study-gate:has-text('2 to go')")
        for number in (2, 3):
            reach(page, f"trial-{number}")
            assert is_blind(page)
            hear(page, "a", 1)
            hear(page, "b", 0)
            page.keyboard.press(keys[number])
        finish(page, "the ghost notes")
        context.close()

    answers = study.store.answers(who)
    said = {"0": "none", "1": "first", "2": "second"}
    assert [answers[f"trial-{n}"].value["choice"] for n in (1, 2, 3)] == [said[keys[n]] for n in (1, 2, 3)]
    assert all(min(answers[f"trial-{n}"].times["played_seconds"]) >= 0.2 for n in (1, 2, 3))
    assert answers["survey"].value["answers"] == {"comments": "the ghost notes"}
    found = analyse(study)
    assert isinstance(found, PairsAnalysis)
    (listener,) = found.listeners
    assert (listener.catch, listener.excluded) == (Counted(1, 1), "")


def test_screens_by_keyboard_with_hidden_reference_and_anchor(
    browser: Browser, tmp_path: Path, complaints: Complaints
) -> None:
    with served(tmp_path, "mushra") as server:
        context = open_browser(browser, complaints)
        page = context.new_page()
        begin(page, server.join)
        study = Study.open(server.path)
        (who,) = study.participants()
        systems = {row.id: row.system for row in study.store.clips()}
        worth = {"human": "End", "machine": "Enter", "lowpass": "Home"}  # 100, 50 (kept), 0
        shown = [[systems[clip] for clip in trial.plan["clips"]] for trial in study.store.trials(who)]
        assert all(sorted(screen) == ["human", "lowpass", "machine"] for screen in shown)

        assert_accessible(page)
        assert is_blind(page)
        for left, key in ((3, "3"), (2, "2"), (1, "1")):
            hear(page, key, left)
        page.keyboard.press("r")
        page.wait_for_selector(".study-gate:has-text('Set each slider')")
        assert_accessible(page)
        tab_to(page, "Done")
        page.keyboard.press("Enter")  # before a slider was set: must do nothing
        rate(page, [worth[system] for system in shown[0]])
        page.wait_for_selector(OPEN)
        assert_accessible(page)
        tab_to(page, "Done")
        page.keyboard.press("Enter")

        reach(page, "trial-2")
        hear(page, "1", 3)
        rate(page, ["End"])
        kept = context.storage_state()
        context.close()
        context = open_browser(browser, complaints, kept, theme="light")
        page = context.new_page()
        page.goto(server.join)
        reach(page, "trial-2")
        page.wait_for_selector(".study-gate:has-text('4 to go')")
        assert_accessible(page)
        rate(page, [worth[system] for system in shown[1]])
        for left, key in ((3, "r"), (2, "1"), (1, "2"), (0, "3")):
            hear(page, key, left)
        tab_to(page, "Done")
        page.keyboard.press("Enter")
        finish(page, "treble")
        context.close()

    answers = study.store.answers(who)
    points = {"human": 100, "machine": 50, "lowpass": 0}
    for number, screen in enumerate(shown, 1):
        answer = answers[f"trial-{number}"]
        assert answer.value["ratings"] == [points[system] for system in screen]
        assert len(answer.times["played_seconds"]) == 4
    found = analyse(study)
    assert isinstance(found, PairsAnalysis)
    assert not found.listeners[0].excluded
    assert {name: estimate.value for name, estimate in found.ratings.items()} == points


def rate(page: Page, keys: list[str]) -> None:
    """Set the sliders of a screen by single keys."""
    for number, key in enumerate(keys, 1):
        tab_to(page, f"Rating of clip {number},")
        page.keyboard.press(key)
