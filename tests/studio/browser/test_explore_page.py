"""Journeys through the explore page: rate, undo, edit, lose the server, two windows; for everyone, in both themes."""

import json
import re
import secrets
from pathlib import Path
from typing import Any

import pytest
from axe import assert_accessible
from complaints import Complaints
from journeys import COUNT_SOUNDS, KEEP_DRAGGED, drag_out, drop_file, long_motions, use_theme, wait_until_ready
from playwright.sync_api import BrowserContext, Locator, Page, expect
from studio_process import StudioProcess

MOST_MS = 240_000  # the first proposal of a studio that has just begun, on a busy machine
SERVER_GONE = (
    "ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONN"
)
# A page that was here before, whose search is small: these journeys are about the page, not about the search.
QUICK: dict[str, Any] = {
    "version": 1,
    "value": {"explore": {"controls": {"candidates": 16}}, "preferences": {"seenHints": ["first-steps"]}},
}
SMALL = {"own_sounds": 16, "seed": 7}


@pytest.fixture
def sid(context: BrowserContext, studio_server: StudioProcess) -> str:
    """A new session with few sounds."""
    answer = context.request.post(f"{studio_server.address}api/sessions", data={"settings": SMALL})
    assert answer.ok, answer.text()
    found: str = answer.json()["id"]
    return found


@pytest.fixture
def page(context: BrowserContext, studio_server: StudioProcess, sid: str) -> Page:
    """The explore page on the session `sid`, with its first loop."""
    value = QUICK["value"] | {"explore": QUICK["value"]["explore"] | {"session": sid}}
    kept = json.dumps(json.dumps(QUICK | {"value": value}))
    # Only on the studio's own pages: a blank one has no storage.
    context.add_init_script(
        f'location.protocol === "http:" && localStorage.setItem("ghostnote-state", '
        f'localStorage.getItem("ghostnote-state") ?? {kept})'
    )
    context.add_init_script(COUNT_SOUNDS + KEEP_DRAGGED)
    return opened(context, studio_server)


def opened(context: BrowserContext, server: StudioProcess, fragment: str = "") -> Page:
    """Return another window, once its loop is there."""
    page = context.new_page()
    page.goto(server.address + fragment)
    wait_until_ready(page)
    page.locator("#page-explore[data-ready]").wait_for(state="attached", timeout=MOST_MS)
    return page


def title(page: Page) -> Locator:
    """Return the name of the loop that is shown."""
    return page.locator(".loop-title")


def shows(page: Page, number: int) -> None:
    """Wait until loop `number` of the session is shown."""
    expect(title(page)).to_have_text(f"(Loop {number})", timeout=MOST_MS)


def answer(page: Page, key: str, then: int) -> None:
    """Answer by `key`, and wait until loop `then` is shown."""
    page.keyboard.press(key)
    shows(page, then)


def told(page: Page, server: StudioProcess, path: str) -> Any:
    """Return what the server says itself."""
    answered = page.request.get(f"{server.address}api/{path}")
    assert answered.ok, answered.text()
    return answered.json()


def test_twenty_loops_are_rated_by_keyboard(page: Page, studio_server: StudioProcess, sid: str) -> None:
    answers = "ldslldlsdlldsldlldsl"
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Stop")).to_be_visible(timeout=MOST_MS)
    for place, key in enumerate(answers, start=1):
        shows(page, place)
        answer(page, key, place + 1)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()  # it never fell silent
    expect(page.locator(".counts")).to_have_text(
        f"{answers.count('l')}liked{answers.count('d')}disliked{answers.count('s')}skipped"
    )
    items = told(page, studio_server, f"sessions/{sid}/proposals")["items"]
    said = {True: "l", False: "d", None: "s"}
    assert "".join(said[item["liked"]] for item in items[:20]) == answers
    assert items[20]["liked"] is None
    assert items[20]["score"] is None


def test_score_is_told_after_the_answer_and_on_demand(page: Page) -> None:
    critic = page.get_by_role("button", name="What did the critic think")
    expect(critic).to_be_hidden()
    answer(page, "l", 2)
    expect(critic).to_be_visible()
    expect(page.locator(".opinion")).to_be_hidden()
    page.keyboard.press("r")
    expect(page.locator(".opinion")).to_contain_text(re.compile(r"\d+ %|no opinion"))
    expect(critic).to_contain_text("Loop 1")


def test_answer_is_taken_back(page: Page, studio_server: StudioProcess, sid: str) -> None:
    answer(page, "d", 2)
    expect(page.locator(".counts")).to_contain_text("1disliked")
    answer(page, "u", 1)
    expect(page.locator(".counts")).to_contain_text("0disliked")
    assert told(page, studio_server, f"sessions/{sid}")["counts"]["disliked"] == 0
    # Another program looks at the second loop, and leaves it open: that does not take this one away.
    for said in ("proposals/2/rating", "undo"):
        body = {"key": secrets.token_hex(16)} | ({"liked": True} if "rating" in said else {})
        answered = page.request.post(f"{studio_server.address}api/sessions/{sid}/{said}", data=body)
        assert answered.ok, answered.text()
    page.wait_for_timeout(1_000)
    shows(page, 1)
    answer(page, "l", 2)
    expect(page.locator(".counts")).to_contain_text("1liked")


def test_edited_loop_is_rated_as_what_is_heard(page: Page, studio_server: StudioProcess, sid: str) -> None:
    before = told(page, studio_server, f"sessions/{sid}/proposals")["items"][0]["loop"]["rows"]
    cell = page.locator(".cell").first
    cell.focus()
    name = cell.get_attribute("aria-label") or ""
    assert re.fullmatch(r"[A-Z].*, step 1, (on|off)", name)
    page.keyboard.press("Space")
    expect(cell).to_have_attribute(
        "aria-label", name.replace(", off", ", ON").replace(", on", ", off").replace("ON", "on")
    )
    expect(page.get_by_text("edited", exact=True)).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".cell:focus")).to_have_attribute("aria-label", re.compile(", step 2, "))
    page.keyboard.press("Control+z")
    expect(page.get_by_text("edited", exact=True)).to_be_hidden()
    page.keyboard.press("Control+Shift+z")
    expect(page.get_by_text("edited", exact=True)).to_be_visible()
    answer(page, "l", 3)
    items = told(page, studio_server, f"sessions/{sid}/proposals?kind=edited")["items"]
    assert [(item["id"], item["liked"]) for item in items] == [(2, True)]
    flipped = ("-" if before[0][0] == "x" else "x") + before[0][1:]
    assert items[0]["loop"]["rows"] == [flipped, *before[1:]]
    page.get_by_role("button", name=re.compile("^Edited")).click()
    expect(page.locator(".heard-strip-card")).to_have_count(1)


def test_edit_and_its_steps_survive_a_reload(page: Page) -> None:
    cells = page.locator(".cell")
    names = [cells.nth(i).get_attribute("aria-label") or "" for i in range(2)]
    for i in range(2):
        cells.nth(i).click()
    changed = [cells.nth(i).get_attribute("aria-label") or "" for i in range(2)]
    assert not set(changed) & set(names)
    page.reload()
    expect(page.get_by_text("edited", exact=True)).to_be_visible(timeout=MOST_MS)
    expect(cells.nth(0)).to_have_attribute("aria-label", changed[0])
    expect(cells.nth(1)).to_have_attribute("aria-label", changed[1])
    page.keyboard.press("Control+z")
    expect(cells.nth(1)).to_have_attribute("aria-label", names[1])
    page.locator("#page-explore[data-ready]").wait_for(state="attached", timeout=MOST_MS)
    answer(page, "s", 3)
    page.reload()
    shows(page, 3)
    page.locator("#page-explore[data-ready]").wait_for(state="attached", timeout=MOST_MS)
    page.keyboard.press("Control+z")  # it belongs to the first loop, which is shown again
    shows(page, 1)
    expect(cells.nth(0)).to_have_attribute("aria-label", names[0])
    expect(page.get_by_text("edited", exact=True)).to_be_hidden()


def test_what_the_browser_does_not_keep_is_told(page: Page) -> None:
    page.evaluate(
        """() => {
          Storage.prototype.setItem = () => { throw new DOMException("no room", "QuotaExceededError"); };
        }"""
    )
    page.get_by_role("slider", name="Volume").fill("0.3")
    notice = page.locator(".toast.error")
    expect(notice).to_contain_text("The browser's storage is full: settings, edits that are not rated yet")
    expect(notice).to_contain_text("Delete other data of sites in the browser's settings")
    assert_accessible(page)
    notice.get_by_role("button", name="Close this notice").click()
    page.get_by_role("slider", name="Volume").fill("0.4")
    answer(page, "l", 2)  # all else goes on
    expect(notice).to_have_count(0)


def test_velocity_is_dragged_and_reset(page: Page) -> None:
    cell = page.locator(".cell.on").first
    cell.scroll_into_view_if_needed()
    before = cell.get_attribute("aria-description")
    box = cell.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 70, steps=5)
    page.mouse.up()
    expect(cell).not_to_have_attribute("aria-description", before or "")
    expect(cell).to_have_attribute("aria-label", re.compile(", on$"))
    page.get_by_role("button", name="Reset").click()
    expect(cell).to_have_attribute("aria-description", before or "")


def test_rows_are_muted_and_soloed_for_the_ears_alone(page: Page) -> None:
    mutes = page.get_by_role("button", name=re.compile("^Mute "))
    solos = page.get_by_role("button", name=re.compile("^Solo "))
    hushed = page.locator(".grid-row[data-hushed]")
    rows = mutes.count()
    mutes.nth(1).focus()
    page.keyboard.press("Space")
    expect(mutes.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(hushed).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # soloed, but muted all the same
    expect(solos.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(hushed).to_have_count(rows)
    page.keyboard.press("Enter")
    expect(hushed).to_have_count(1)
    expect(page.get_by_text("edited", exact=True)).to_be_hidden()
    assert_accessible(page)
    muted = mutes.nth(1).get_attribute("aria-label")
    answer(page, "l", 2)
    for button in mutes.all():  # in the next loop, who has that name is muted
        expect(button).to_have_attribute("aria-pressed", str(button.get_attribute("aria-label") == muted).lower())
    answer(page, "u", 1)
    page.get_by_role("button", name="Hear all").click()
    expect(hushed).to_have_count(0)
    expect(page.get_by_role("button", name="Hear all")).to_be_hidden()


def test_metronome_is_off_until_it_is_wanted(page: Page) -> None:
    click = page.get_by_role("button", name="Metronome")
    expect(click).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("m")
    expect(click).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(click).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("?")
    expect(page.get_by_role("button", name="Metronome on or off: M. Choose another key")).to_be_visible()


def test_loop_from_a_link_is_shown_as_edited(page: Page, context: BrowserContext, studio_server: StudioProcess) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".cell").nth(3).click()
    labels = page.locator(".cell").evaluate_all("cells => cells.map(cell => cell.ariaLabel)")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".toast")).to_contain_text("The link holds the whole loop")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{studio_server.address}#explore?loop=")
    other = opened(context, studio_server, link.removeprefix(studio_server.address))
    expect(other.get_by_text("edited", exact=True)).to_be_visible()
    assert other.locator(".cell").evaluate_all("cells => cells.map(cell => cell.ariaLabel)") == labels
    broken = opened(context, studio_server, "#explore?loop=bm90IGEgbG9vcA")
    expect(broken.locator(".toast.error")).to_contain_text("no loop that can be opened")


def test_loop_is_made_human_with_one_key(page: Page) -> None:
    page.keyboard.press("h")
    expect(page.locator("#page-groove")).to_be_visible()
    expect(page.locator("#page-groove feel-lens")).to_be_visible(timeout=MOST_MS)
    expect(page.locator("#page-explore")).to_be_hidden()


def test_answer_waits_while_the_server_is_gone(
    page: Page, studio_server: StudioProcess, sid: str, complaints: Complaints
) -> None:
    complaints.foresee(SERVER_GONE)
    page.keyboard.press("Space")
    expect(page.locator(".cell.now").first).to_be_attached(timeout=MOST_MS)
    answer(page, "l", 2)
    studio_server.kill()
    page.keyboard.press("d")
    expect(page.locator(".banner")).to_contain_text("The studio is away", timeout=MOST_MS)
    expect(page.locator(".answer-note")).to_contain_text("1 answer waits")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    assert_accessible(page)
    studio_server.start()
    shows(page, 3)
    expect(page.locator(".banner")).to_be_hidden(timeout=MOST_MS)
    counts = told(page, studio_server, f"sessions/{sid}")["counts"]
    assert (counts["liked"], counts["disliked"], counts["proposals"]) == (1, 1, 3)


def test_edited_loop_is_answered_once_when_the_server_is_back(
    page: Page, studio_server: StudioProcess, sid: str, complaints: Complaints
) -> None:
    complaints.foresee(SERVER_GONE)
    page.locator(".cell").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("edited", exact=True)).to_be_visible()
    studio_server.kill()
    page.keyboard.press("l")
    expect(page.locator(".answer-note")).to_contain_text("1 answer waits", timeout=MOST_MS)
    page.keyboard.press("l")  # once more changes nothing
    studio_server.start()
    shows(page, 3)
    expect(page.get_by_text("edited", exact=True)).to_be_hidden()
    counts = told(page, studio_server, f"sessions/{sid}")["counts"]
    assert (counts["liked"], counts["disliked"]) == (1, 0)
    items = told(page, studio_server, f"sessions/{sid}/proposals?kind=edited")["items"]
    assert [(item["id"], item["liked"]) for item in items] == [(2, True)]
    page.keyboard.press("u")
    expect(page.locator(".counts")).not_to_contain_text("1liked")


def test_key_pressed_twice_answers_an_edited_loop_once(page: Page, studio_server: StudioProcess, sid: str) -> None:
    page.locator(".cell").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("edited", exact=True)).to_be_visible()
    page.keyboard.press("l")
    page.keyboard.press("l")
    shows(page, 3)
    page.keyboard.press("u")
    expect(page.locator(".counts")).not_to_contain_text("1liked")
    assert told(page, studio_server, f"sessions/{sid}")["counts"]["liked"] == 0


def test_two_windows_follow_each_other(page: Page, context: BrowserContext, studio_server: StudioProcess) -> None:
    other = opened(context, studio_server)
    shows(other, 1)
    answer(page, "l", 2)
    shows(other, 2)
    expect(other.locator(".counts")).to_contain_text("1liked")
    answer(other, "d", 3)
    shows(page, 3)
    expect(page.locator(".counts")).to_contain_text("1liked1disliked")


def test_map_is_heard_by_mouse_and_keyboard(page: Page) -> None:
    answer(page, "l", 2)
    answer(page, "d", 3)
    points = page.locator("taste-map button")
    expect(points).to_have_count(3)
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_have_count(0)
    points.first.hover()
    expect(stop).to_be_visible()
    page.mouse.move(0, 0)
    expect(stop).to_have_count(0)
    page.locator("taste-map button[tabindex='0']").focus()  # as by keyboard: keys were pressed last
    expect(stop).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(stop).to_have_count(0)

    page.get_by_role("button", name="Sounds", exact=True).click()
    before = page.evaluate("sounds")
    points.last.hover()  # points may lie over each other, the last on top
    page.wait_for_function("before => sounds === before + 1", arg=before)
    place = page.locator("taste-map button[tabindex='0']")
    place.focus()
    for key in ("ArrowLeft", "ArrowRight"):  # there is a point on one side, or on both
        page.keyboard.press(key)
    page.wait_for_function("before => sounds >= before + 2", arg=before)
    expect(stop).to_have_count(0)


@pytest.mark.parametrize("label", ["MIDI", "WAV"])
def test_loop_is_dragged_out(page: Page, label: str) -> None:
    link = page.locator(".take-away", has_text=label)
    link.hover()
    expect(link).to_have_attribute("data-ready", "yes")
    media_type, name, address = drag_out(page, link)
    assert media_type == f"audio/{label.lower()}"
    assert name.endswith({"MIDI": ".mid", "WAV": ".wav"}[label])
    given = page.request.get(address)
    assert given.ok
    assert given.body()[:4] == {"MIDI": b"MThd", "WAV": b"RIFF"}[label]


def test_session_is_saved_and_opened_again(
    page: Page, studio_server: StudioProcess, sid: str, tmp_path: Path, complaints: Complaints
) -> None:
    complaints.foresee("422 .*import")
    answer(page, "l", 2)
    answer(page, "d", 3)
    page.get_by_role("button", name=re.compile("^Session: ")).click()
    page.get_by_label("Name of this session").fill("Friday")
    page.get_by_role("button", name="Rename", exact=True).click()
    sessions = page.get_by_role("button", name=re.compile("^Session: Friday"))
    sessions.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save Friday as a file").click()
    assert download.value.suggested_filename == "Friday.ghostnote"
    download.value.save_as(tmp_path / "Friday.ghostnote")
    page.keyboard.press("Escape")
    answer(page, "l", 4)
    expect(page.locator(".counts")).to_contain_text("2liked1disliked")

    sessions.click()
    broken = {"name": "broken.ghostnote", "mimeType": "application/octet-stream", "buffer": b"none"}
    page.get_by_label("Session file").set_input_files([broken])
    expect(page.locator(".toast", has_text="must be a session of Ghostnote")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open a session file …").click()
    chooser.value.set_files(tmp_path / "Friday.ghostnote")
    expect(page.locator(".toast", has_text="“Friday” is open.")).to_be_visible(timeout=MOST_MS)
    expect(page.locator(".counts")).to_contain_text("1liked1disliked")
    shows(page, 3)
    first, again = (
        told(page, studio_server, f"sessions/{session['id']}/proposals")["items"]
        for session in sorted(told(page, studio_server, "sessions"), key=lambda session: session["id"] != sid)
        if session["name"] == "Friday"
    )
    assert [item["key"] for item in again[:3]] == [item["key"] for item in first[:3]]


def test_less_motion_is_less_motion(page: Page) -> None:
    assert long_motions(page), "the check finds what moves"
    page.emulate_media(reduced_motion="reduce")
    assert long_motions(page) == []
    page.keyboard.press("?")
    assert long_motions(page) == []


def test_help_knows_the_keys_of_pages_that_were_not_seen_yet(page: Page) -> None:
    page.keyboard.press("?")
    for words in ("Hear the source (A): A", "Hear take 8: 8", "Play pad 9: 9", "Metronome on or off: M"):
        expect(page.get_by_role("button", name=f"{words}. Choose another key")).to_be_attached()


def test_file_that_falls_beside_leaves_the_page_as_it_is(page: Page) -> None:
    drop_file(page.locator(".loop-stage"), "beat.mid", b"MThd")
    expect(page.locator(".toast")).to_contain_text("Drop MIDI on the Groove page")
    shows(page, 1)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_everyone_can_use_every_state(page: Page, theme: str) -> None:
    use_theme(page, theme)
    assert_accessible(page)
    answer(page, "l", 2)
    answer(page, "s", 3)
    page.keyboard.press("r")
    page.locator(".cell").nth(5).click()
    page.get_by_role("button", name=re.compile("^Keep ")).first.click()
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".cell.now").first).to_be_attached(timeout=MOST_MS)
    assert_accessible(page)
    page.locator(".heard-strip-card").nth(2).click()  # a liked one is open
    shows(page, 1)
    assert_accessible(page)
    page.keyboard.press("?")
    assert_accessible(page)
    page.get_by_role("button", name=re.compile("^Like this loop")).click()
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Like this loop: K. Choose another key")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".answer.like kbd")).to_have_text("K")
    page.get_by_role("button", name="New session").click()
    assert_accessible(page)
    page.evaluate("for (const part of document.querySelectorAll('dialog details')) part.open = true")
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Export …").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("^Session: ")).click()
    assert_accessible(page)
    page.keyboard.press("Escape")


@pytest.mark.parametrize(("width", "height"), [(320, 640), (768, 900), (640, 400), (3840, 2160)])
def test_nothing_is_cut_off(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)
