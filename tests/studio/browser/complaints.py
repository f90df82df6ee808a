"""What a browser complains of while a test runs: errors of scripts, failed requests, violations of the policy."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page

# Chromium tells of these itself; a listener in the page names the directive too.
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
  console.error(`CSP: ${violatedDirective} refused ${blockedURI} (${sourceFile}:${lineNumber})`));
"""


@dataclass
class Complaints:
    """What the browser complained of; each fails the test unless it was foreseen."""

    heard: list[str] = field(default_factory=list)
    foreseen: list[str] = field(default_factory=list)

    def foresee(self, pattern: str) -> None:
        """Let pass what matches `pattern`, such as the browser's own words when the server is killed."""
        self.foreseen.append(pattern)

    def unforeseen(self) -> list[str]:
        """Return all others."""
        return [text for text in self.heard if not any(re.search(pattern, text) for pattern in self.foreseen)]

    def listen(self, page: Page) -> None:
        """Hear what `page` complains of."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.heard.append(f"uncaught: {error}"))
        page.on("crash", lambda _: self.heard.append("the page crashed"))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") or "Content Security Policy" in message.text:
            self.heard.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")
