"""A session begun from the user's own MIDI files, through the dialog."""

from complaints import Complaints
from journeys import wait_until_ready
from playwright.sync_api import BrowserContext, expect
from studio_process import StudioProcess

from ghostnote.explore.packed_bars import unpack_bars
from ghostnote.explore.session import Session

MOST_MS = 240_000


def test_own_beats_are_among_what_is_musical(
    context: BrowserContext, studio_server: StudioProcess, complaints: Complaints
) -> None:
    complaints.foresee("422 .*broken.mid")
    page = context.new_page()
    page.goto(studio_server.address)
    wait_until_ready(page)
    beat = page.request.get(f"{studio_server.address}api/demos").json()[0]
    told = page.request.post(f"{studio_server.address}api/demos/{beat['name']}")
    midi = page.request.get(f"{studio_server.address}api/beats/{told.json()['id']}/midi")
    broken = {"name": "broken.mid", "mimeType": "audio/midi", "buffer": b"not MIDI"}
    page.get_by_role("button", name="New session").click()
    page.get_by_label("Name", exact=True).fill("From my beats")
    page.get_by_text("Your own sounds and beats").click()
    page.get_by_label("Your own beats: files").set_input_files(
        [{"name": "mine.mid", "mimeType": "audio/midi", "buffer": midi.body()}, broken]
    )
    expect(page.get_by_text("2 files: mine.mid, broken.mid")).to_be_visible()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("1 of 2 files could not be used. broken.mid")).to_be_visible(timeout=MOST_MS)
    expect(page.get_by_role("button", name="Session: From my beats")).to_be_visible(timeout=MOST_MS)
    sessions = page.request.get(f"{studio_server.address}api/sessions").json()
    (id,) = (session["id"] for session in sessions if session["name"] == "From my beats")
    settings = Session.open(studio_server.home / "sessions" / f"{id}.ghostnote").settings
    assert unpack_bars(settings.bars, 16)
