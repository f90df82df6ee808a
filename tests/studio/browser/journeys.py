"""What journeys through the page share."""

import base64

from playwright.sync_api import Locator, Page

COUNT_SOUNDS = """
window.sounds = 0;
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...when) { window.sounds++; return start.apply(this, when); };
"""
"""Counts in `sounds` what a page began to play; a script to begin with."""

KEEP_DRAGGED = """
addEventListener("dragstart", event => { window.dragged = event.dataTransfer.getData("DownloadURL"); });
"""
"""Keeps in `dragged` what the last drag would give to the desktop; a script to begin with."""


def drop_file(target: Locator, name: str, content: bytes, media_type: str = "application/octet-stream") -> None:
    """Drop a file on `target`, as from a file manager."""
    target.evaluate(
        """(target, [name, type, encoded]) => {
          const bytes = Uint8Array.from(atob(encoded), letter => letter.charCodeAt(0));
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], name, { type }));
          for (const kind of ["dragenter", "dragover", "drop"])
            target.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
        }""",
        [name, media_type, base64.b64encode(content).decode()],
    )


def drag_out(page: Page, link: Locator) -> tuple[str, str, str]:
    """Drag a link out of the page, which was begun with `KEEP_DRAGGED`; return type, name and address of the file."""
    link.scroll_into_view_if_needed()
    box = link.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 30, steps=5)
    page.wait_for_function("window.dragged !== undefined")
    page.mouse.up()
    media_type, name, address = page.evaluate("dragged").split(":", 2)
    return media_type, name, address


def long_motions(page: Page) -> list[str]:
    """Return what on the page takes more than a moment to move, fade or pulse, by its class or name."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((element) => ["", "::before", "::after"].some((part) => {
          const style = getComputedStyle(element, part || null);
          const last = (list) => Math.max(...list.split(",").map(parseFloat));
          const moves = style.animationName !== "none" && last(style.animationDuration) > 0.002;
          return moves || last(style.transitionDuration) > 0.002;
        })).map((element) => element.getAttribute("class") || element.localName)"""
    )
    return found


def wait_until_ready(page: Page) -> None:
    """Wait until the page's script has put it together."""
    page.wait_for_selector("html[data-ready]", state="attached")


def go(page: Page, name: str) -> None:
    """Go to the page `explore`, `groove` or `kits` by its tab."""
    page.locator(f"nav [data-page={name}]").click()
    page.locator(f"#page-{name}:not([hidden])").wait_for()


def announced(page: Page) -> str:
    """Return what the live region says."""
    return page.locator("[role=status]").first.inner_text()


def use_theme(page: Page, theme: str) -> None:
    """Let the system of this browser be `dark` or `light`."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
