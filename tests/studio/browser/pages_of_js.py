"""The page's modules by themselves: served to a blank page from their folder, with sounds from the renderer."""

import base64
import io
import json
import mimetypes
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import soundfile
from playwright.sync_api import BrowserContext, Page, Route

import ghostnote.studio
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import decode_sound

STATIC = Path(ghostnote.studio.__file__).parent / "static"
ORIGIN = "http://localhost:4799"
BANK = SoundBank()


def wav(audio: np.ndarray, rate: int, subtype: str = "FLOAT") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, audio, rate, format="WAV", subtype=subtype)
    return file.getvalue()


def decode_base64url(text: str) -> object:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def _answer(route: Route, shot: Callable[[dict[str, str]], bytes] | None) -> None:
    url = urlsplit(route.request.url)
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    file = STATIC / url.path.lstrip("/")
    if url.path == "/":
        route.fulfill(body="<!doctype html><title>modules</title><button>wake</button>", content_type="text/html")
    elif url.path == "/api/sounds/audio":
        rate = int(query["rate"])
        audio = BANK.audio(decode_sound(decode_base64url(query["sound"])), rate)
        route.fulfill(body=wav(audio, rate), content_type="audio/wav")
    elif url.path.endswith("/shot") and shot is not None:
        route.fulfill(body=shot(query), content_type="audio/wav")
    elif file.is_file():
        route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0])
    else:
        route.fulfill(status=404, body='{"error": {"kind": "NotFound", "message": "there is nothing"}}')


def blank_page(context: BrowserContext, shot: Callable[[dict[str, str]], bytes] | None = None) -> Page:
    """A page from which the modules can be imported as `/js/…`."""
    context.route(f"{ORIGIN}/**", lambda route: _answer(route, shot))
    page = context.new_page()
    page.goto(ORIGIN)
    return page
