"""The studio as its users start it: a process of its own, that tests stop, kill and start again."""

import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

_STARTS_SECONDS = 60


@dataclass
class StudioProcess:
    """A studio on its own home, always on the same port."""

    home: Path
    port: int = 0
    token: str = ""
    printed: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    program: tuple[str, ...] = ("-m", "ghostnote")

    @property
    def address(self) -> str:
        """Address of the page, without a token."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def cookie(self) -> dict[str, str]:
        """The cookie that a page has once it exchanged a token, for Playwright's `add_cookies`."""
        credential = (self.home / "credential").read_text(encoding="ascii")
        return {"name": f"ghostnote-{self.port}", "value": credential, "url": self.address}

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, *self.program, "studio", "--no-browser"]
        command += ["--port", str(self.port), "--home", str(self.home)]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": ""},
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        threading.Thread(target=self._keep, args=(self.process.stderr,), daemon=True).start()
        slow = threading.Timer(_STARTS_SECONDS, self.process.kill)
        slow.start()
        line = self.process.stdout.readline()
        slow.cancel()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", line)
        if found is None:
            self.kill()
            raise AssertionError(f"the studio printed {line!r} instead of its address\n{''.join(self.printed)}")
        assert self.port in (0, int(found[1])), "another port was taken: a page that is open would not find it"
        self.port, self.token = int(found[1]), found[2]

    def stop(self) -> int:
        """End it as Ctrl-C does; return its exit code."""
        return self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a crash does."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """End it, if it still runs, and start it again on the same port and home."""
        if self.process is not None:
            self.stop()
        self.start()

    def _end(self, how: signal.Signals) -> int:
        assert self.process is not None
        process, self.process = self.process, None
        process.send_signal(how)
        code = process.wait(30)
        assert process.stdout is not None
        process.stdout.close()
        return code

    def _keep(self, stream: object) -> None:
        with stream:  # type: ignore[attr-defined]
            self.printed.extend(stream)  # type: ignore[call-overload]
