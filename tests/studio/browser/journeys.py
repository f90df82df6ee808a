"""What journeys through the page share."""

import base64

from playwright.sync_api import Locator, Page


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
