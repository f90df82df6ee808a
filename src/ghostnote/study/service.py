"""Networks that need PyTorch, in a process of their own: requests and answers are lines of JSON.

Their sides in `ghostnote.training` are never imported here; product code does not load PyTorch.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from ghostnote.errors import InvalidInput, MissingExtra

NEEDED = ("torch", "safetensors")
_END_SECONDS = 5.0


class ServiceEnded(InvalidInput):
    """A process is not there, ended, or can not be understood: what it was asked does not matter."""


class Service:
    """A process that answers requests, one after the other. It runs from `start` to `close`.

    Args:
        what: answers, for messages.
        module: that is run, by this Python.
        command: runs in its place, if given.
    """

    def __init__(self, what: str, module: str, command: Sequence[str] | None = None) -> None:
        self._what = what
        self._command = list(command or (sys.executable, "-P", "-m", module))
        self._process: subprocess.Popen[str] | None = None

    @property
    def running(self) -> bool:
        """Whether it can be asked."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Begin a new process, which knows nothing of the one before."""
        self.close()
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to `request`.

        Raises:
            ServiceEnded: the process ended, or its answer is no JSON.
            InvalidInput: the process says that the request can not be answered.
        """
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise ServiceEnded(f"{self._what}'s process is not running")
        try:
            process.stdin.write(json.dumps(request, separators=(",", ":")) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError) as error:  # ValueError: another thread closed it meanwhile
            self.close()
            raise ServiceEnded(f"{self._what}'s process ended: {error}. Is PyTorch installed whole?") from error
        if not line:
            self.close()
            raise ServiceEnded(
                f"{self._what}'s process ended. Its last words are on standard error; is PyTorch installed whole, and "
                "is there memory left?"
            )
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError as error:
            self.close()
            raise ServiceEnded(f"{self._what}'s process must answer in JSON; got {line[:80]!r}") from error
        if "error" in answer:
            raise InvalidInput(f"{self._what} says: {answer['error']}")
        return answer

    def close(self) -> None:
        """End the process, if it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def check_extra(what: str, instead: str) -> None:
    """Raise unless a service can run.

    Args:
        what: needs it, for the message.
        instead: what may be done where it is not wanted.

    Raises:
        MissingExtra: PyTorch or what goes with it is not installed.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f"{what} needs {' and '.join(missing)}, which is not installed: pip install 'ghostnote[train]', "
            f"or {instead}"
        )
