"""How soon the studio's page is there, and how soon it sounds, in Chromium; writes bench/studio_page.md.

Ready: from starting the command on a home that was used before, until the page can be used. Sound: from a click on
Play to the first sample's place on the audio clock; what the device adds (its output latency) comes on top.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

REPORT = Path(__file__).with_suffix(".md")
STARTS, CLICKS = 5, 12
READY_SECONDS, SOUND_MS = 3.0, 20.0

WATCH = """
window.told = [];
let clicked = null;
addEventListener("click", (event) => { clicked = event.timeStamp; }, { capture: true });
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when = 0, ...more) {
  if (clicked !== null) {
    const ahead = Math.max(0, when - this.context.currentTime);
    told.push(performance.now() - clicked + 1000 * ahead);
    clicked = null;
  }
  return start.call(this, when, ...more);
};
"""


def main() -> None:
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="ghostnote-page-") as home, sync_playwright() as playwright:
        chromium = os.environ.get("GHOSTNOTE_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        first = visit(browser, home)
        ready, heard = zip(*(visit(browser, home) for _ in range(STARTS)), strict=True)
        browser.close()
    sounds = np.concatenate(heard)
    again = np.concatenate([one[1:] for one in heard])
    lines = [
        "# How soon the page is there, and sounds",
        "",
        f"Written by `bench/studio_page.py` on {os.cpu_count()} cores, {platform.machine()}, Python "
        f"{platform.python_version()}; Chromium, which ran already. Load of the machine when it began: {busy:.1f}.",
        "",
        "| what | times | median | longest | wanted |",
        "|---|---|---|---|---|",
        f"| from the command to the page ready, first start of a home | 1 | {first[0]:.2f} s | {first[0]:.2f} s | – |",
        f"| from the command to the page ready, later starts | {STARTS} | {np.median(ready):.2f} s | {max(ready):.2f} "
        f"s | ≤ {READY_SECONDS:g} s |",
        f"| from a click on Play to its first sample, first of a page | {STARTS} | "
        f"{np.median([one[0] for one in heard]):.1f} ms | {max(one[0] for one in heard):.1f} ms | – |",
        f"| from a click on Play to its first sample, after that | {len(again)} | {np.median(again):.1f} ms | "
        f"{again.max():.1f} ms | ≤ {SOUND_MS:g} ms |",
        "",
        f"Of all {len(sounds)} clicks, {np.mean(sounds <= SOUND_MS):.0%} sounded within {SOUND_MS:g} ms. The device's "
        "output latency comes on top.",
        "",
    ]
    REPORT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def visit(browser: Browser, home: str) -> tuple[float, list[float]]:
    """Start the studio, open its page, play; return seconds until it was ready, and ms from clicks to sounds."""
    command = [sys.executable, "-m", "ghostnote", "studio", "--no-browser", "--port", "0", "--home", home]
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(WATCH)
    page = context.new_page()
    started = time.perf_counter()
    studio = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert studio.stdout is not None
    try:
        found = re.search(r"http://\S+", studio.stdout.readline())
        assert found is not None
        page.goto(found[0])
        page.wait_for_selector("html[data-ready]", timeout=60_000)
        ready = time.perf_counter() - started
        return ready, clicks(page)
    finally:
        context.close()
        studio.terminate()
        studio.wait()


def clicks(page: Page) -> list[float]:
    """Return ms from each click on Play to its first sample."""
    toggle = page.get_by_role("button", name=re.compile("^(Play|Stop)")).first
    page.locator(".cell").first.wait_for(timeout=240_000)
    for _ in range(CLICKS):
        before = page.evaluate("told.length")
        toggle.click()
        while page.evaluate("told.length") == before:  # the page's policy forbids what `wait_for_function` needs
            page.wait_for_timeout(50)
        page.wait_for_timeout(400)
        toggle.click()
        page.wait_for_timeout(200)
    return list(map(float, page.evaluate("told")))


if __name__ == "__main__":
    main()
