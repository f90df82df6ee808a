"""Turn a trained performer into what is shipped: two ONNX graphs and a card."""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import nn

from ghostnote.models.checkpoint import CARD_FORMAT
from ghostnote.models.score import FEATURES
from ghostnote.training.performer import HEARD, PerformerNetwork, PlayerGraph, ReaderGraph

ATTRIBUTION = (
    "Trained on the Groove MIDI Dataset v1.0.0 (Gillick, Roberts, Engel, Eck, Bamman: Learning to Groove with Inverse "
    "Sequence Transformations, ICML 2019), licensed under CC BY 4.0."
)


def export_performer(
    network: PerformerNetwork, folder: Path, *, styles: tuple[str, ...], card: Mapping[str, Any]
) -> Path:
    """Write `reader.onnx`, `player.onnx` and `card.json` to `folder`; return the card's path.

    Args:
        network: trained.
        styles: names of styles 1, 2, …
        card: recipe, metrics, sampling settings and whatever else a reader should know.
    """
    network.eval()
    units = network.config.player_units
    folder.mkdir(parents=True, exist_ok=True)
    graphs = {
        "reader.onnx": _graph(
            ReaderGraph(network),
            {"features": torch.zeros(1, 5, FEATURES), "style": torch.zeros(1, dtype=torch.int64)},
            {"context": 2, "velocity_prior": 2, "offset_prior": 2},
            {"features": {0: "batch", 1: "hits"}, "style": {0: "batch"}},
        ),
        "player.onnx": _graph(
            PlayerGraph(network),
            {
                "context": torch.zeros(2, units),
                "heard": torch.zeros(2, HEARD),
                "state": torch.zeros(2, units),
                "chance": torch.zeros(2, 2),
                "fixed": torch.full((2, 2), -1, dtype=torch.int64),
                "inverse_temperature": torch.ones(1),
            },
            {"velocity": 1, "offset": 1, "next_state": 1},
            {},
        ),
    }
    for name, content in graphs.items():
        (folder / name).write_bytes(content)
    whole = {
        "format": CARD_FORMAT,
        "name": "performer",
        "license": "Apache-2.0",
        "attribution": ATTRIBUTION,
        "units": units,
        "styles": list(styles),
        **card,
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in graphs.items()
        },
    }
    path = folder / "card.json"
    path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _graph(
    module: nn.Module,
    inputs: dict[str, torch.Tensor],
    outputs: dict[str, int],
    axes: dict[str, dict[int, str]],
) -> bytes:
    """Return `module` as ONNX bytes; `outputs` gives each output's number of leading dynamic axes."""
    names = ("batch", "hits")
    dynamic = {name: axes.get(name, {0: "batch"}) for name in inputs if name not in ("inverse_temperature",)}
    dynamic.update({name: dict(enumerate(names[:count])) for name, count in outputs.items()})
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The TorchScript exporter is deprecated but, for these graphs, quicker and without further dependencies.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            buffer,  # type: ignore[arg-type]  # the TorchScript exporter takes a file object, the stub does not
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=dynamic,
            opset_version=17,
            dynamo=False,
        )
    content = buffer.getvalue()
    onnx.checker.check_model(onnx.load_from_string(content))
    return content
