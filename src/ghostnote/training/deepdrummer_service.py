"""The original critic as a process that studies ask; `ghostnote.study.original` is its other side.

Requests: `{"do": "begin", "settings": …}`, `{"do": "rate", "loop": …, "liked": …}`,
`{"do": "catch_up", "proposed": …}`, `{"do": "propose"}`, `{"do": "final", "count": …}`.
Answers: `{"loops": […]}`, or `{"error": …}`. A rating may have `"save": path`: the network is written there, as
safetensors, once the rating is learned.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from ghostnote.errors import GhostnoteError, InvalidInput
from ghostnote.explore.settings import decode_settings
from ghostnote.explore.workshop import MOST_BYTES, Workshop
from ghostnote.loops import decode_loop, encode_loop
from ghostnote.sounds.bank import SoundBank
from ghostnote.training.service import Answering, Request, serve

if TYPE_CHECKING:
    from ghostnote.training.deepdrummer_explorer import DeepDrummerExplorer
    from ghostnote.training.deepdrummer_network import DeepDrummerNetwork


def begin(request: Request) -> Answering:
    """Return a critic that knows nothing yet, for the settings of a session."""
    import torch

    from ghostnote.explore.building import library_of
    from ghostnote.training.deepdrummer_explorer import DeepDrummerExplorer

    torch.set_num_threads(1)
    settings = decode_settings(request["settings"])
    library = library_of(settings)
    bank = SoundBank(library.read, MOST_BYTES)
    engine = Workshop(bank).build_engine(settings, bank, None)
    return partial(_answered, DeepDrummerExplorer(engine.generator, bank, settings.seed % 2**31))


def _answered(explorer: DeepDrummerExplorer, request: Request) -> dict[str, Any]:
    kind = request["do"]
    if kind == "rate":
        then = partial(_save, path=Path(request["save"])) if "save" in request else None
        explorer.rate(decode_loop(request["loop"]), bool(request["liked"]), then)
        return {"loops": []}
    if kind == "catch_up":
        explorer.catch_up(int(request["proposed"]))
        return {"loops": []}
    if kind == "propose":
        return {"loops": [encode_loop(explorer.propose())]}
    if kind == "final":
        return {"loops": [encode_loop(loop) for loop in explorer.final(int(request["count"]))]}
    raise InvalidInput(f"do must be begin, rate, catch_up, propose or final; got {kind!r}")


def _save(network: DeepDrummerNetwork, path: Path) -> None:
    """Keep a copy of the network, if that can be: whoever rates shall go on in any case."""
    from safetensors import SafetensorError

    from ghostnote.training.runs import write_weights

    try:
        write_weights(network, path)
    except (GhostnoteError, SafetensorError, OSError) as error:
        sys.stderr.write(f"ghostnote: the network was not written to {path}: {error}\n")


if __name__ == "__main__":
    serve(begin, sys.stdin, sys.stdout)
