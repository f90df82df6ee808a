"""A study as its operator starts it: a process of its own, that tests kill and start again."""

import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

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

LISTENING = """
protocol = "pairwise"
title = "Which one?"
participants = 4
form = "{form}"
{more}
[texts]
consent = "Do you agree?"
instructions = "Play every clip."
[playing]
least_seconds = 0.2
sample_rate_hz = 16000
[[systems]]
name = "human"
folder = "human"
[[systems]]
name = "machine"
folder = "machine"
[trials]
per_participant = 2
catch = {catch}
ties = {ties}
[[survey]]
id = "comments"
text = "What did you go by?"
kind = "text"
"""


def write_listening_test(folder: Path, form: str) -> Path:
    """Write a small listening test, with the clips of two systems, and return its file."""
    time = np.arange(9_600) / 16_000
    for number, system in enumerate(("human", "machine")):
        (folder / system).mkdir()
        for item in range(2):
            tone = np.sin(2 * np.pi * (300 + 200 * item) * time) + 0.5 * np.sin(2 * np.pi * 5_000 * time)
            soundfile.write(folder / system / f"song-{item}.wav", 0.3 * tone * np.exp(-(4 + number) * time), 16_000)
    screens = form == "mushra"
    path = folder / "listening.toml"
    more = 'reference = "human"' if screens else ""
    path.write_text(LISTENING.format(form=form, more=more, catch=0 if screens else 1, ties=str(not screens).lower()))
    return path


@dataclass
class StudyProcess:
    """A study that is served, always on the same port once it was started."""

    path: Path
    port: int = 0
    operator: str = ""
    join: str = ""
    process: subprocess.Popen[str] | None = None
    program: tuple[str, ...] = ("-m", "ghostnote")

    @property
    def address(self) -> str:
        """Address without a path."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, *self.program, "study", "serve", str(self.path)]
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
