"""The original critic as a process that studies ask: requests and answers are lines of JSON.

`ghostnote.study.original` is its other side; product code never loads PyTorch itself. Requests:
`{"do": "begin", "settings": …}`, `{"do": "rate", "loop": …, "liked": …}`, `{"do": "catch_up", "proposed": …}`,
`{"do": "propose"}`, `{"do": "final", "count": …}`. Answers: `{"loops": […]}`, or `{"error": …}`.
"""

from __future__ import annotations

import json
import os
import sys
from typing import IO, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from ghostnote.errors import GhostnoteError, InvalidInput
from ghostnote.explore.settings import decode_settings
from ghostnote.explore.workshop import MOST_BYTES, Workshop
from ghostnote.loops import decode_loop, encode_loop
from ghostnote.sounds.bank import SoundBank


def serve(requests: IO[str], answers: IO[str]) -> None:
    """Answer requests until there are no more."""
    from ghostnote.training.deepdrummer_explorer import DeepDrummerExplorer

    explorer: DeepDrummerExplorer | None = None
    for line in requests:
        try:
            request = json.loads(line)
            if request["do"] == "begin":
                explorer = _begin(request["settings"])
                answer: dict[str, Any] = {"loops": []}
            elif explorer is None:
                raise InvalidInput("the first request must be to begin")
            else:
                answer = _answered(explorer, request)
        except (GhostnoteError, ValueError, KeyError, TypeError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer, separators=(",", ":")) + "\n")
        answers.flush()


def _answered(explorer: Any, request: dict[str, Any]) -> dict[str, Any]:
    kind = request["do"]
    if kind == "rate":
        explorer.rate(decode_loop(request["loop"]), bool(request["liked"]))
        return {"loops": []}
    if kind == "catch_up":
        explorer.catch_up(int(request["proposed"]))
        return {"loops": []}
    if kind == "propose":
        return {"loops": [encode_loop(explorer.propose())]}
    if kind == "final":
        return {"loops": [encode_loop(loop) for loop in explorer.final(int(request["count"]))]}
    raise InvalidInput(f"do must be begin, rate, catch_up, propose or final; got {kind!r}")


def _begin(value: dict[str, Any]) -> Any:
    import torch

    from ghostnote.explore.building import library_of
    from ghostnote.training.deepdrummer_explorer import DeepDrummerExplorer

    torch.set_num_threads(1)
    settings = decode_settings(value)
    library = library_of(settings)
    bank = SoundBank(library.read, MOST_BYTES)
    engine = Workshop(bank).build_engine(settings, bank, None)
    return DeepDrummerExplorer(engine.generator, bank, settings.seed % 2**31)


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
