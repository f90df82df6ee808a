"""How far a training is and how long it will still take, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

_SECONDS_PER_REWRITE = 0.5


@dataclass
class Progress:
    """Tells of one training: a terminal's line is rewritten, anything else gets a line now and then.

    Args:
        label: what is trained.
        stream: where to tell it; stderr if None.
        percent_per_line: how often a line is told to anything but a terminal.
        clock: seconds that only grow.
    """

    label: str
    stream: TextIO | None = None
    percent_per_line: int = 5
    clock: Callable[[], float] = time.monotonic
    _first: tuple[float, float] | None = field(default=None, init=False)
    _told_percent: int = field(default=-1, init=False)
    _told_at: float = field(default=float("-inf"), init=False)
    _open: bool = field(default=False, init=False)

    def tell(self, share: float, detail: str) -> None:
        """Tell that `share` (0…1) of the whole is done; `detail` says where that is.

        The estimate counts only what was done since the first call: a resumed training does not look faster than it is.
        """
        now = self.clock()
        if self._first is None:
            self._first = (share, now)
        percent = int(100 * min(max(share, 0.0), 1.0))
        stream = self.stream or sys.stderr
        terminal = stream.isatty()
        due = (
            now - self._told_at >= _SECONDS_PER_REWRITE or percent >= 100
            if terminal
            else percent // self.percent_per_line > self._told_percent // self.percent_per_line
        )
        if not due:
            return
        self._told_percent, self._told_at = percent, now
        line = f"{self.label} {percent:3d} %, {detail}{self._left(share, now)}"
        stream.write(f"\r\x1b[K{line}" if terminal else f"{line}\n")
        stream.flush()
        self._open = terminal

    def clear(self) -> None:
        """Make room for other output on a terminal."""
        if self._open:
            stream = self.stream or sys.stderr
            stream.write("\r\x1b[K")
            stream.flush()
            self._open = False

    def _left(self, share: float, now: float) -> str:
        first_share, began = self._first or (share, now)
        if share <= first_share or share >= 1.0:
            return ""
        return f", about {duration((now - began) * (1.0 - share) / (share - first_share))} left"


def duration(seconds: float) -> str:
    """Return `seconds` in words, as exactly as an estimate deserves."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
