"""What a study's worker processes do: propose loops, which learns first. Called as `ghostnote.studio.study_calls:…`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from ghostnote.study.running import Study

Report = Callable[[int, int], None]

_studies: dict[str, Study] = {}
_lock = threading.Lock()


def use_study(study: Study) -> None:
    """Let calls in this process, by threads, work with this study instead of opening it anew."""
    with _lock:
        _studies[str(study.path)] = study


def warm_up(arguments: Mapping[str, Any], report: Report) -> None:
    """Load what proposing needs."""
    del arguments, report
    from ghostnote.critic import load_encoder

    load_encoder()


def propose(arguments: Mapping[str, Any], report: Report) -> None:
    """Have the next loop of a participant proposed."""
    del report
    _study_at(arguments["study"]).next(arguments["participant"])


def prepare(arguments: Mapping[str, Any], report: Report) -> None:
    """Have all loops of phase II proposed, while the participant rests."""
    del report
    _study_at(arguments["study"]).prepare(arguments["participant"])


def imagine(arguments: Mapping[str, Any], report: Report) -> None:
    """Have the loop after a trial made ahead, as if it was liked or not: by the process that will propose it."""
    del report
    _study_at(arguments["study"]).imagine(arguments["participant"], arguments["number"], arguments["liked"])


def _study_at(path: str) -> Study:
    with _lock:
        if path not in _studies:
            _studies[path] = Study.open(path)
        return _studies[path]
