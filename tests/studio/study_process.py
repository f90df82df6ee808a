"""A study as its operator starts it: a process of its own, that tests kill and start again."""

import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

_STARTS_SECONDS = 60

TINY = """
protocol = "deepdrummer-2020"
title = "Loops <b>"
seed = 3
participants = 8
[texts]
consent = "Short loops. Do you agree?"
instructions = "Use headphones."
pause = "What did you like?"
[playing]
least_seconds = 0.3
pause_seconds = 1
sample_rate_hz = 16000
[generator]
own_sounds = 12
candidates = 16
[phase_one]
ratings = 2
[phase_two]
arms = { untrained = 2, trained = 2 }
[[survey]]
id = "learned"
text = "Did it learn?"
required = true
[[survey]]
id = "comments"
text = "Anything else?"
kind = "text"
"""


@dataclass
class StudyProcess:
    """A study that is served, always on the same port once it was started."""

    path: Path
    port: int = 0
    operator: str = ""
    join: str = ""
    process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """Address without a path."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "ghostnote", "study", "serve", str(self.path)]
        command += ["--no-browser", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        slow = threading.Timer(_STARTS_SECONDS, self.process.kill)
        slow.start()
        lines = self.process.stdout.readline() + self.process.stdout.readline()
        slow.cancel()
        found = re.search(r"(http://127\.0\.0\.1:(\d+)/operator\S+)\s.*?(http\S+/join/\S+)", lines, re.DOTALL)
        if found is None:
            self.kill()
            raise AssertionError(f"the study printed {lines!r} instead of its addresses")
        assert self.port in (0, int(found[2])), "another port was taken: a page that is open would not find it"
        self.operator, self.port, self.join = found[1], int(found[2]), found[3]

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a crash does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(how)
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()
