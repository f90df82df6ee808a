"""Journeys through the groove and kits pages, as musicians make them."""

import io
import re
import wave
from collections import Counter
from pathlib import Path

import mido
import numpy as np
import pytest
from axe import assert_accessible
from complaints import Complaints
from journeys import KEEP_DRAGGED, drag_out, drop_file, go, long_motions, use_theme, wait_until_ready
from playwright.sync_api import BrowserContext, Locator, Page, expect
from studio_process import StudioProcess

from ghostnote.demos import demo_path

BUSY_MS = 300_000  # workers are niced, and a shared machine may starve them at first: how long is a matter of bench/


@pytest.fixture
def groove(page: Page) -> Page:
    """The groove page of somebody who has no beat yet."""
    go(page, "groove")
    return page


def _drop(page: Page, name: str, content: bytes) -> None:
    drop_file(page.locator(".groove-page"), name, content)


def _open_demo(page: Page, name: str = "Funk") -> None:
    page.locator(".demo", has_text=name).first.click()
    expect(page.locator(".beat-name")).to_have_text(name.lower())


def _open_other(page: Page, name: str) -> None:
    page.get_by_role("button", name="Another beat").click()
    page.locator("dialog .demo", has_text=name).first.click()
    expect(page.locator(".beat-name")).to_have_text(name.lower())


def _run(page: Page) -> Locator:
    """Press the task's button and return the cards of its takes."""
    page.locator(".task-go").click()
    takes = page.locator(".take", has_text="Take")
    expect(takes.first).to_be_visible(timeout=BUSY_MS)
    expect(page.locator(".task-working")).to_be_hidden(timeout=BUSY_MS)
    return takes


def _slide(page: Page, name: str, value: float) -> None:
    page.get_by_role("slider", name=name, exact=True).fill(str(value))


def _ids(cards: Locator) -> list[str | None]:
    return [card.get_attribute("data-beat") for card in cards.all()]


def _notes(path: Path | str) -> list[tuple[int, float, int]]:
    """Pitch, beat and velocity of each note, by onset."""
    found = []
    file = mido.MidiFile(path)
    for track in file.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity:
                found.append((message.note, tick / file.ticks_per_beat, message.velocity))
    return sorted(found, key=lambda note: (note[1], note[0]))


def _export(page: Page, path: Path) -> list[tuple[int, float, int]]:
    with page.expect_download() as download:
        page.locator(".take-midi").click()
    download.value.save_as(path)
    return _notes(path)


def test_drop_humanize_compare_export(groove: Page, tmp_path: Path) -> None:
    page = groove
    source = demo_path("rock")
    _drop(page, "My rock.mid", source.read_bytes())
    expect(page.locator(".beat-name")).to_have_text("My rock")
    takes = _run(page)
    expect(takes).to_have_count(3)
    expect(takes.nth(0)).to_have_attribute("aria-pressed", "true")

    page.keyboard.press("a")
    expect(page.locator(".take", has_text="Source")).to_have_attribute("aria-pressed", "true")
    before = _export(page, tmp_path / "source.mid")
    assert before == _notes(source)
    page.keyboard.press("b")
    expect(takes.nth(0)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("2")
    expect(takes.nth(1)).to_have_attribute("aria-pressed", "true")

    whole = _export(page, tmp_path / "take.mid")
    _slide(page, "Timing", 0.5)
    _slide(page, "Velocity", 0)
    half = _export(page, tmp_path / "half.mid")
    pitches = [Counter(pitch for pitch, _, _ in notes) for notes in (before, whole, half)]
    assert pitches[0] == pitches[1] == pitches[2], "no note is added, lost or re-pitched"
    assert {velocity for _, _, velocity in half} == {velocity for _, _, velocity in before}
    shift = [
        np.mean([abs(beat - at) for (_, beat, _), (_, at, _) in zip(sorted(notes), sorted(before), strict=True)])
        for notes in (whole, half)
    ]
    assert 0 < shift[1] < 0.75 * shift[0], "half of the timing moves the hits half as far"


def test_midi_is_dragged_out(groove: Page, tmp_path: Path) -> None:
    page = groove
    page.evaluate(KEEP_DRAGGED)
    _open_demo(page)
    link = page.locator(".take-midi")
    expect(link).to_have_attribute("href", re.compile("/midi"))
    media_type, name, address = drag_out(page, link)
    assert (media_type, name) == ("audio/midi", "funk.mid")
    (tmp_path / "dragged.mid").write_bytes(page.request.get(address).body())
    assert _notes(tmp_path / "dragged.mid") == _export(page, tmp_path / "saved.mid")


def test_less_motion_is_less_motion(groove: Page) -> None:
    page = groove
    assert long_motions(page), "the check finds what moves"
    page.emulate_media(reduced_motion="reduce")
    assert long_motions(page) == []
    _open_demo(page)
    assert long_motions(page) == []
    # The hits of a beat that becomes another of the same kind glide there; or are there at once.
    page.evaluate("window.lens = document.querySelector('feel-lens')")
    again = "lens.show({ ...lens.shown, beat: { ...lens.shown.beat }, same: true }), lens.glideFromHits !== null"
    assert page.evaluate(again) is False
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(again) is True


def test_amounts_and_locks_are_undone_and_kept(groove: Page) -> None:
    page = groove
    _open_demo(page)
    takes = _ids(_run(page))
    _slide(page, "Timing", 0.3)
    page.get_by_role("button", name="Lock Snare").click()
    expect(page.get_by_role("button", name="Lock Snare")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".lane-head", has_text="Snare").locator(".lane-shift")).to_have_text("on the grid")

    page.reload()
    wait_until_ready(page)
    expect(page.get_by_role("slider", name="Timing", exact=True)).to_have_value("0.3")
    expect(page.get_by_role("button", name="Lock Snare")).to_have_attribute("aria-pressed", "true")

    page.get_by_role("button", name="Lock Snare").click()
    expect(page.locator(".task-working")).to_be_hidden(timeout=BUSY_MS)
    _slide(page, "Timing", 0.9)
    page.keyboard.press("Control+z")
    expect(page.get_by_role("slider", name="Timing", exact=True)).to_have_value("0.3")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Lock Snare")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Control+Shift+z")
    expect(page.get_by_role("button", name="Lock Snare")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".take", has_text="Take").first).to_have_attribute("data-beat", str(takes[0]), timeout=BUSY_MS)


def test_beats_that_are_no_longer_kept_are_forgotten(
    groove: Page, studio_server: StudioProcess, complaints: Complaints
) -> None:
    page = groove
    _open_demo(page)
    _open_other(page, "Rock")
    for path in (studio_server.home / "beats").iterdir():
        path.unlink()
    complaints.foresee("status of 404")
    page.reload()
    notice = page.locator(".toast", has_text="no longer kept")
    expect(notice).to_be_visible()
    expect(page.get_by_role("heading", name="Start with a beat")).to_be_visible()
    notice.get_by_role("button", name="Close this notice").click()
    page.keyboard.press("Control+z")  # back to the other one, which is gone too
    expect(notice).to_be_visible()
    expect(page.get_by_role("heading", name="Start with a beat")).to_be_visible()
    _open_demo(page)
    expect(page.locator(".lane-head").first).to_be_visible()


BLENDS = """async () => {
  const { blend, withLocks } = await import("/js/views/groove/blend.js");
  const post = async (path, body) => (await fetch(path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  })).json();
  const ids = [...document.querySelectorAll(".take")].map(card => card.dataset.beat);
  const from = await (await fetch(`/api/beats/${ids[0]}`)).json();
  const to = await (await fetch(`/api/beats/${ids[1]}?like=${ids[0]}`)).json();
  const amounts = { timing: 0.37, velocity: 1.2, voices: { kick: { timing: 1.4 } } };
  const kept = await post("/api/beats/blend", { from: from.id, to: to.id, ...withLocks(amounts, ["snare"]) });
  const shown = blend(from, to, amounts, ["snare"]);
  const places = ({ notes }) => notes
    .map(note => [note.pitch, note.seconds, note.velocity]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return [places(kept), places(shown)];
}"""


def test_live_blend_is_what_the_server_makes(groove: Page) -> None:
    _open_demo(groove)
    _run(groove)
    kept, shown = (np.array(notes) for notes in groove.evaluate(BLENDS))
    np.testing.assert_array_equal(kept[:, 0], shown[:, 0])
    np.testing.assert_allclose(kept[:, 1], shown[:, 1], atol=0.0008)  # a tick of 96 bpm at 960 in a beat
    np.testing.assert_allclose(kept[:, 2], shown[:, 2], atol=1)


def test_lens_is_walked_hit_by_hit(groove: Page) -> None:
    page = groove
    _open_demo(page)
    roll = page.locator(".lens-roll")
    roll.focus()

    def said() -> str:
        option = page.locator(f"#{roll.get_attribute('aria-activedescendant')}")
        return option.get_attribute("aria-label") or ""

    assert said() == "Crash, bar 1, beat 1, on the grid, velocity 100"
    page.keyboard.press("ArrowDown")
    assert said().startswith(("Open hat", "Closed hat"))
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert said().startswith("Kick, bar 1, beat 1,")
    page.keyboard.press("End")
    assert "bar 8" in said()
    expect(page.locator(".bar-page[aria-pressed=true]")).to_have_text("7")


def test_voices_are_soloed_for_the_ears_alone(groove: Page, tmp_path: Path) -> None:
    page = groove
    _open_demo(page)
    before = _export(page, tmp_path / "all.mid")
    page.get_by_role("button", name="Solo Snare").click()
    hushed = page.locator(".lane-head[data-hushed]")
    expect(hushed).to_have_count(page.locator(".lane-head").count() - 1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Lock Snare")).to_be_focused()  # the head is still the one it was
    assert _export(page, tmp_path / "soloed.mid") == before
    _open_other(page, "Rock")
    expect(page.get_by_role("button", name="Solo Snare")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Hear all").click()
    expect(hushed).to_have_count(0)


def test_bars_are_chosen_on_the_ruler(groove: Page) -> None:
    page = groove
    _open_demo(page)
    first, last = (page.get_by_role("spinbutton", name=f"{which} bar to change") for which in ("First", "Last"))
    roll = page.locator(".lens-roll")
    roll.scroll_into_view_if_needed()
    box = roll.bounding_box()
    assert box is not None
    bars = [box["x"] + share * box["width"] for share in (0.25, 0.75)]  # two are shown
    y = box["y"] + 10

    def drag(start: float, *, end: float, then: str = "") -> None:
        page.mouse.move(start, y)
        page.mouse.down()
        page.mouse.move(end, y, steps=4)
        if then:
            page.keyboard.press(then)
        page.mouse.up()

    drag(bars[1], end=bars[0])
    expect(first).to_have_value("1")
    expect(last).to_have_value("2")
    drag(bars[1], end=bars[1])
    expect(first).to_have_value("2")
    drag(bars[0], end=bars[1], then="Escape")
    expect(first).to_have_value("2")
    drag(bars[1], end=bars[1])  # again: all of them
    expect(page.get_by_role("button", name="All", exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(first).to_have_value("1")
    expect(last).to_have_value("2")
    first.fill("2")  # and by keyboard
    first.blur()
    expect(page.get_by_role("button", name="All", exact=True)).to_have_attribute("aria-pressed", "false")
    expect(first).to_have_value("2")


def test_make_it_human_from_explore(page: Page) -> None:
    page.get_by_role("button", name="Make it human").first.click(timeout=BUSY_MS)
    page.locator("#page-groove:not([hidden])").wait_for()
    takes = page.locator(".take", has_text="Take")
    expect(takes.first).to_be_visible(timeout=BUSY_MS)
    expect(page.locator(".task[aria-pressed=true]")).to_have_text("Humanize")
    expect(page.locator(".take", has_text="Source")).to_have_count(1)


def test_tap_and_drumify(groove: Page) -> None:
    page = groove
    page.get_by_role("button", name="Tap it").click()
    _slide(page, "Tempo", 200)
    bars = page.get_by_role("spinbutton", name="Bars")
    bars.fill("2")
    bars.blur()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator(".tap-word")).to_have_text("Tap", timeout=BUSY_MS)
    for key in "jjfjjfjf":
        page.keyboard.press(key)
        page.wait_for_timeout(240)
    expect(page.get_by_role("button", name="Record again")).to_be_visible(timeout=BUSY_MS)
    assert page.locator(".tap-mark").count() >= 5
    page.get_by_role("button", name="Use this rhythm").click()
    expect(page.locator(".beat-name")).to_contain_text("apped")
    expect(page.locator(".task[aria-pressed=true]")).to_have_text("Drumify")
    expect(page.locator(".lane-head")).to_have_count(1)
    takes = _run(page)
    expect(takes).to_have_count(3)
    assert page.locator(".lane-head").count() > 2, "a rhythm became a beat of several voices"


HOSTILE = (
    ("empty.mid", b"", "empty"),
    ("song.mp3", b"ID3\x04" + bytes(200), "MIDI"),
    ("cut.mid", b"MThd\x00\x00\x00\x06\x00\x01\xff\xff\x01\xe0", "cut off"),
    ("<img src=x onerror=alert(1)>.mid", b"<script>alert(1)</script>", "MIDI"),
    ("large.mid", b"MThd" + bytes(5 * 2**20 + 1), "5 MiB"),
)


def test_hostile_file_changes_nothing(groove: Page, complaints: Complaints) -> None:
    page = groove
    complaints.foresee("status of 4(22|13)")
    _open_demo(page)
    source = page.locator(".take", has_text="Source")
    before = _ids(source)
    for name, content, told in HOSTILE:
        _drop(page, name, content)
        expect(page.locator(".toast.error").last).to_contain_text(told)
        page.get_by_role("button", name="Close this notice").last.click()
        expect(page.locator(".beat-name")).to_have_text("funk")
        assert _ids(source) == before
    assert page.locator("main img, main script, .toasts img").count() == 0


def test_generate_is_reproducible_by_its_seed(groove: Page) -> None:
    page = groove
    page.get_by_role("button", name="Generate it").click()
    takes = page.locator(".take", has_text="Take")
    expect(takes).to_have_count(3, timeout=BUSY_MS)
    first = _ids(takes)
    assert len(set(first)) == 3
    _run(page)  # new takes: other seeds
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("3")
    assert not set(first) & set(_ids(takes))
    page.keyboard.press("Control+z")
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("0")
    expect(takes).to_have_count(3)
    assert _ids(takes) == first
    page.keyboard.press("Control+Shift+z")
    page.get_by_role("spinbutton", name="Seed").fill("0")
    page.get_by_role("spinbutton", name="Seed").blur()
    _run(page)
    assert _ids(takes) == first


def test_pad_between_beats(groove: Page) -> None:
    page = groove
    _open_demo(page)
    page.locator(".task", has_text="Interpolate").click()
    expect(page.locator(".corner-0")).to_have_text("funk")
    for corner, demo in (("Top right", "Rock"), ("Bottom left", "Pocket")):
        page.get_by_role("button", name=f"{corner}: empty").click()
        page.locator("dialog").get_by_role("button", name=demo).click()
    pad = page.get_by_role("slider", name="Point between the beats")
    expect(pad).to_have_attribute("aria-disabled", "false", timeout=BUSY_MS)
    between = page.locator(".take", has_text="Between")
    pad.focus()
    page.keyboard.press("Home")
    page.keyboard.press("PageUp")
    expect(pad).to_have_attribute("aria-valuetext", "100 percent funk")
    ends = _ids(between)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(pad).to_have_attribute("aria-valuetext", "50 percent funk, 50 percent rock")
    assert _ids(between) != ends
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="Make this the source").click()
    expect(page.locator(".take", has_text="Source")).to_have_count(1)


def test_drawn_beat(groove: Page) -> None:
    page = groove
    page.get_by_role("button", name="Draw it").click()
    for step in (1, 5, 9, 13):
        page.get_by_role("button", name=f"Kick, step {step}, off").click()
    page.get_by_role("button", name="Snare, step 5, off").click()
    page.locator("dialog").get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Use this beat").click()
    expect(page.locator(".beat-facts")).to_contain_text("4 hits")


def test_cancelled_task_leaves_all_as_it_was(groove: Page) -> None:
    page = groove
    _open_demo(page)
    page.route("**/api/jobs/*/events", lambda _: None)  # a job that takes for ever
    page.locator(".task-go").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".task-go")).to_be_visible()
    expect(page.locator(".take", has_text="Take")).to_have_count(0)


def test_link_holds_the_whole_beat(groove: Page, context: BrowserContext, studio_server: StudioProcess) -> None:
    page = groove
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=studio_server.address)
    _open_demo(page, "Rock")
    facts = page.locator(".beat-facts").inner_text()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".toast")).to_contain_text("Link copied")
    link = page.evaluate("navigator.clipboard.readText()")
    other = context.new_page()
    other.goto(link)
    wait_until_ready(other)
    expect(other.locator(".beat-facts")).to_have_text(facts)
    expect(other.locator(".beat-name")).to_have_text("rock")


def test_link_to_a_rhythm_opens_as_one(groove: Page, context: BrowserContext, studio_server: StudioProcess) -> None:
    page = groove
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=studio_server.address)
    _open_demo(page, "Tap")
    expect(page.locator(".lane-head")).to_have_count(1)
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".toast")).to_contain_text("Link copied")
    other = context.new_page()
    other.goto(page.evaluate("navigator.clipboard.readText()"))
    wait_until_ready(other)
    expect(other.locator(".lane-head")).to_have_count(1)


def test_mix_is_rendered(groove: Page, tmp_path: Path) -> None:
    page = groove
    _open_demo(page, "Rock")
    with page.expect_download(timeout=BUSY_MS) as download:
        page.get_by_role("button", name="WAV").click()
    download.value.save_as(tmp_path / "mix.wav")
    with wave.open(str(tmp_path / "mix.wav")) as mix:
        assert mix.getframerate() == 48_000
        assert mix.getnframes() > 48_000


def _one_shot() -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44_100)
        decaying = np.sin(np.arange(8_000) / 20) * np.exp(-np.arange(8_000) / 1_500)
        file.writeframes((decaying * 20_000).astype("<i2").tobytes())
    return stream.getvalue()


def test_kit_is_shaped_undone_and_kept(page: Page, complaints: Complaints) -> None:
    go(page, "kits")
    tune = page.get_by_role("slider", name="Snare tune")
    tune.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(tune).to_have_attribute("aria-valuetext", "+2 st")
    page.get_by_role("button", name="Mutate Kick").click()
    expect(page.locator(".strip", has_text="Kick").locator(".pad-sample")).to_have_text("mutated")
    drop_file(page.locator(".strip").nth(1), "My snare.wav", _one_shot())
    expect(page.locator(".strip").nth(1).locator(".pad-sample")).to_contain_text("My snare")
    complaints.foresee("status of 422")
    drop_file(page.locator(".strip").nth(2), "broken.wav", b"RIFF but not really")
    expect(page.locator(".toast.error")).to_be_visible()

    page.get_by_role("button", name="Keep this kit").click()
    page.get_by_role("textbox", name="Name").fill("Road kit")
    page.get_by_role("button", name="Keep", exact=True).click()
    own = page.get_by_role("button", name="Road kit").first
    expect(own).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Deep analogue").click()
    expect(tune).to_have_attribute("aria-valuetext", "as it is")
    page.keyboard.press("Control+z")
    expect(tune).to_have_attribute("aria-valuetext", "+2 st")
    for _ in range(2):
        page.keyboard.press("Control+z")
    expect(page.locator(".strip", has_text="Kick").locator(".pad-sample")).to_have_text("")

    page.reload()
    wait_until_ready(page)
    own.click()
    expect(page.locator(".strip", has_text="Kick").locator(".pad-sample")).to_have_text("mutated")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_everyone_can_use_every_state(page: Page, theme: str) -> None:
    use_theme(page, theme)
    go(page, "groove")
    page.locator(".demo").first.wait_for()
    assert_accessible(page)
    for way in ("Draw it", "Tap it"):
        page.get_by_role("button", name=way).click()
        assert_accessible(page)
        page.keyboard.press("Escape")
    _open_demo(page)
    _run(page)
    page.locator(".per-voice summary").click()
    page.locator(".numbers summary").click()
    page.get_by_role("button", name="Lock Snare").click()
    page.locator(".lens-roll").focus()
    assert_accessible(page)
    page.get_by_role("button", name="Another beat").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    for task in ("Drumify", "Infill", "Transfer", "Vary", "Continue", "Generate", "Interpolate"):
        page.locator(".task", has_text=task).click()
        assert_accessible(page)
        if task == "Vary":
            _run(page)
            assert_accessible(page)
    page.get_by_role("button", name="Top right: empty").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    go(page, "kits")
    page.locator(".kit-choice").first.wait_for()
    assert_accessible(page)
    page.get_by_role("button", name="Keep this kit").click()
    assert_accessible(page)


@pytest.mark.parametrize("width", [320, 640, 768, 3840])
def test_nothing_is_cut_off_at(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    go(page, "groove")
    _open_demo(page)
    _run(page)
    page.locator(".numbers summary").click()
    for name in ("groove", "kits"):
        go(page, name)
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)
