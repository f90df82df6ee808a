"""Which browser drives the page, and how it is started."""

import os
import shutil

CHROMIUM = os.environ.get("GHOSTNOTE_CHROMIUM") or shutil.which("chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
)
NO_BROWSER = "no Chromium is installed here (`make browser` installs it): the page was NOT tested"
