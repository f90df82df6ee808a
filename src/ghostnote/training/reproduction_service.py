"""A reproduction of GrooVAE as a process that studies ask; `ghostnote.study.reproduction` is its other side.

Requests: `{"do": "begin", "weights": path}`, `{"do": "play", "hits": …}`, hits of shape (windows, steps, voices).
Answers: `{}`, and `{"velocities": …, "offsets": …}` of the same shape, or `{"error": …}`.

`seq2seq` and `vib` have the same weights in number and shape. Both play what they think likeliest (of `vib` the mean of
its latent) and hear the score's own hits, so that it need not be told which of them it is.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

from ghostnote.errors import InvalidInput, InvalidWeights
from ghostnote.groove import GrooveBatch
from ghostnote.training.playing import play_windows
from ghostnote.training.recurrent import RecurrentNetwork
from ghostnote.training.runs import read_weights
from ghostnote.training.service import Answering, Request, serve

_ANY_TEMPO_BPM = 120.0
"""The network knows no tempo."""


def begin(request: Request) -> Answering:
    """Return the network that the weights are of."""
    torch.set_num_threads(1)
    network, path = RecurrentNetwork(), Path(request["weights"])
    read_weights(network, path)
    if not all(bool(torch.isfinite(values).all()) for values in network.state_dict().values()):
        raise InvalidWeights(f"weights {path} must be finite; some are NaN or infinite. Did the training fail?")
    return partial(_answered, network.eval())


def _answered(network: RecurrentNetwork, request: Request) -> dict[str, Any]:
    if request["do"] != "play":
        raise InvalidInput(f"do must be begin or play; got {request['do']!r}")
    hits = np.asarray(request["hits"], dtype=np.float32)
    silent, ids = np.zeros_like(hits), np.arange(len(hits))
    score = GrooveBatch(hits, silent, silent, np.full(len(hits), _ANY_TEMPO_BPM), ids, ids, ids)
    played = play_windows(network, score, "clamped")
    return {"velocities": played.velocities.tolist(), "offsets": played.offsets.tolist()}


if __name__ == "__main__":
    serve(begin, sys.stdin, sys.stdout)
