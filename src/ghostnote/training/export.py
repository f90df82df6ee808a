"""Turn trained networks into what is shipped: ONNX graphs, weights to go on from, and a card."""

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
from safetensors.torch import save
from torch import nn

from ghostnote.critic.rows import ROW_VALUES
from ghostnote.critic.spectrum import BANDS
from ghostnote.groove import VOICES
from ghostnote.models.checkpoint import CARD_FORMAT
from ghostnote.models.feel import FEEL_COLUMNS
from ghostnote.models.performer import OFFSET_CLASSES, VELOCITY_CLASSES
from ghostnote.models.score import FEATURES
from ghostnote.models.steps import GIVEN_COLUMNS, GRID_COLUMNS, STEPS_PER_LATENT
from ghostnote.training.composer import MEMORY, ComposerNetwork, ComposerReaderGraph, ListenerGraph, WriterGraph
from ghostnote.training.feel import FeelListenerGraph, FeelNetwork, TintGraph
from ghostnote.training.performer import HEARD, PerformerNetwork, PlayerGraph, ReaderGraph
from ghostnote.training.taste_encoder import Embedding

ATTRIBUTION = (
    "Trained on the Groove MIDI Dataset v1.0.0 (Gillick, Roberts, Engel, Eck, Bamman: Learning to Groove with Inverse "
    "Sequence Transformations, ICML 2019), licensed under CC BY 4.0."
)


OWN_DATA = "Trained on loops drawn and synthesised by this program; no data of others."


def export_composer(
    network: ComposerNetwork, folder: Path, *, styles: tuple[str, ...], card: Mapping[str, Any]
) -> Path:
    """Write `reader.onnx`, `writer.onnx`, `listener.onnx`, `weights.safetensors` and `card.json` to `folder`.

    Args: as `export_performer`.

    Returns:
        The card's path.
    """
    network.eval()
    config = network.config
    voices = len(VOICES)
    batch_steps = {0: "batch", 1: "steps"}
    graphs = {
        "reader.onnx": _graph(
            ComposerReaderGraph(network),
            {
                "features": torch.zeros(2, 5, GRID_COLUMNS + GIVEN_COLUMNS),
                "style": torch.zeros(2, dtype=torch.int64),
                "kind": torch.zeros(2, dtype=torch.int64),
                "density": torch.zeros(2, 2),
                "latents": torch.zeros(2, 5, config.latent_units + 1),
            },
            {"context": 2, "guess": 2},
            {"features": batch_steps, "latents": batch_steps},
        ),
        "writer.onnx": _graph(
            WriterGraph(network),
            {
                "context": torch.zeros(2, config.writer_units),
                "memory": torch.zeros(2, MEMORY),
                "state": torch.zeros(2, 2 * config.writer_units),
                "must": torch.zeros(2, voices),
                "must_not": torch.zeros(2, voices),
                "some": torch.zeros(2, 1),
                "bias": torch.zeros(2, voices),
                "chance": torch.zeros(2, 1),
                "inverse_temperature": torch.ones(2, 1),
            },
            {"hits": 1, "next_state": 1},
            {},
        ),
        "listener.onnx": _graph(
            ListenerGraph(network),
            {
                "grid": torch.zeros(2, STEPS_PER_LATENT, GRID_COLUMNS),
                "grooves": torch.zeros(2, STEPS_PER_LATENT, 3 * voices),
            },
            {"mean": 1, "scale": 1},
            {},
        ),
    }
    sizes = {"units": config.writer_units, "latent_units": config.latent_units}
    return _write(
        folder, {"name": "composer", **sizes, "styles": list(styles), **card}, graphs, {"weights.safetensors": network}
    )


def export_performer(
    network: PerformerNetwork,
    folder: Path,
    *,
    styles: tuple[str, ...],
    card: Mapping[str, Any],
    feel: FeelNetwork | None = None,
) -> Path:
    """Write `reader.onnx`, `player.onnx`, weights and `card.json` to `folder`; return the card's path.

    Args:
        network: trained.
        feel: trained on this network; adds `listener.onnx` and `tint.onnx`, so that it can play with a feel.
        styles: names of styles 1, 2, …
        card: recipe, metrics, sampling settings and whatever else a reader should know.
    """
    network.eval()
    units = network.config.player_units
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
    networks: dict[str, nn.Module] = {"weights.safetensors": network}
    if feel is not None:
        feel.eval()
        batch_hits = {0: "batch", 1: "hits"}
        networks["feel.safetensors"] = feel
        graphs["listener.onnx"] = _graph(
            FeelListenerGraph(feel),
            {"features": torch.zeros(2, 5, FEATURES), "played": torch.zeros(2, 5, 2)},
            {"mean": 1, "scale": 1},
            {"features": batch_hits, "played": batch_hits},
        )
        graphs["tint.onnx"] = _graph(
            TintGraph(feel),
            {
                "context": torch.zeros(2, 5, units),
                "velocity_prior": torch.zeros(2, 5, VELOCITY_CLASSES),
                "offset_prior": torch.zeros(2, 5, OFFSET_CLASSES),
                "columns": torch.zeros(2, 5, FEEL_COLUMNS),
                "latent": torch.zeros(2, feel.config.latent_units),
            },
            {"tinted": 2, "tinted_velocity_prior": 2, "tinted_offset_prior": 2},
            dict.fromkeys(("context", "velocity_prior", "offset_prior", "columns"), batch_hits),
        )
    head = {"name": "performer", "units": units, "styles": list(styles)}
    return _write(folder, {**head, **card}, graphs, networks)


def export_taste(embedding: Embedding, folder: Path, *, values: int, card: Mapping[str, Any]) -> Path:
    """Write `encoder.onnx`, `weights.safetensors` and `card.json` of the critic's encoder; return the card's path.

    Args:
        embedding: of a trained encoder.
        folder: to write to.
        values: of an embedding.
        card: recipe, metrics and whatever else a reader should know.
    """
    graphs = {
        "encoder.onnx": _graph(
            embedding,
            {"levels": torch.zeros(2, 64, BANDS), "rows": torch.zeros(2, ROW_VALUES), "known": torch.zeros(2, 1)},
            {"embedding": 1},
            {"levels": {0: "batch", 1: "frames"}, "rows": {0: "batch"}, "known": {0: "batch"}},
        )
    }
    head = {"name": "critic", "values": values, "attribution": OWN_DATA}
    return _write(folder, {**head, **card}, graphs, {"weights.safetensors": embedding.encoder})


def _write(
    folder: Path, card: Mapping[str, Any], graphs: Mapping[str, bytes], networks: Mapping[str, nn.Module]
) -> Path:
    """Write graphs, weights to go on training from (half precision), and the card that hashes them all."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = dict(graphs)
    for name, network in networks.items():
        contents[name] = save({key: value.half().contiguous() for key, value in network.state_dict().items()})
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    whole = {
        "format": CARD_FORMAT,
        "license": "Apache-2.0",
        "attribution": ATTRIBUTION,
        **card,
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in contents.items()
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
    dynamic = {
        name: axes.get(name, {0: "batch"}) for name, value in inputs.items() if value.shape != (1,) or name == "style"
    }
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
