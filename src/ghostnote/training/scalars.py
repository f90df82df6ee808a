"""The numbers of a training as TensorBoard reads them: `tensorboard --logdir runs` draws them."""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class ScalarLog:
    """Appends to one event file in `folder`, made with the first row.

    The library's `SummaryWriter` would start a thread and a queue; a row per epoch needs neither.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: Any = None

    def add(self, row: Mapping[str, Any], step: int) -> None:
        """Write the numbers of `row` at `step`, durably; lists get one series for each place, counted from 1."""
        from tensorboardX.proto.event_pb2 import Event
        from tensorboardX.summary import scalar

        if self._writer is None:
            self._writer = self._open(step)
        for name, value in _numbers(row):
            self._writer.write_event(Event(wall_time=time.time(), step=step, summary=scalar(name, value)))
        self._writer.flush()

    def _open(self, step: int) -> Any:
        from tensorboardX.event_file_writer import EventsWriter

        self._folder.mkdir(parents=True, exist_ok=True)
        # The library names files by the second; the step keeps apart what was resumed within one.
        writer = EventsWriter(str(self._folder / "events"), f".{step}")
        weakref.finalize(self, writer.close)
        return writer


def _numbers(row: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in row.items():
        if isinstance(value, int | float):
            yield name, float(value)
        elif isinstance(value, list):
            yield from ((f"{name}/{place}", float(number)) for place, number in enumerate(value, start=1))
