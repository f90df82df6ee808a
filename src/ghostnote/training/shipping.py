"""From finished runs to what is shipped: temperatures chosen on validation, graphs exported, cards written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ghostnote.data import STYLES, load_performances
from ghostnote.models.checkpoint import read_checkpoint
from ghostnote.training.calibrate import calibrate, calibrate_composer
from ghostnote.training.export import export_composer, export_performer, export_taste
from ghostnote.training.runs import read_log
from ghostnote.training.train_composer import ComposerRecipe, trained_composer
from ghostnote.training.train_feel import FeelRecipe, trained_feel
from ghostnote.training.train_performer import PerformerRecipe, trained_performer
from ghostnote.training.train_taste import LOSSES, TasteRecipe, embedding_of, trained_taste

DATA = "Groove MIDI Dataset v1.0.0, official splits: trained on all of train, chosen on the 4/4 of validation"
UNFAIR = "Evaluations on the train and validation splits of the Groove MIDI Dataset."
HARDWARE = "1 CPU core"


def ship_performer(archive: Path | None, runs: Path, folder: Path) -> None:
    """Write the performer of `runs`, with its feel where that is trained, to `folder`."""
    network = trained_performer(runs / "performer")
    feel = trained_feel(runs / "feel") if (runs / "feel" / "best.safetensors").exists() else None
    card: dict[str, Any] = {
        "architecture": {
            "description": "hit-by-hit autoregressive GRU, see docs/adr/0007-performer.md",
            **asdict(network.config),
            "weights": sum(parameter.numel() for parameter in network.parameters()),
        },
        "data": DATA,
        "recipe": asdict(PerformerRecipe()),
        **_told(runs / "performer"),
        "test": "see docs/results/humanize.md",
        "unfair": UNFAIR,
    }
    if feel is not None:
        card["feel"] = {
            "description": "latent and table of another passage tint the frozen performer, docs/adr/0010-feel.md",
            **asdict(feel.config),
            "weights": sum(parameter.numel() for parameter in feel.parameters()),
            "recipe": asdict(FeelRecipe()),
            **_told(runs / "feel"),
        }

    def write(sampling: Mapping[str, Any]) -> None:
        export_performer(network, folder, styles=STYLES, card={**card, "sampling": sampling}, feel=feel)

    def choose(report: Path) -> None:
        held_out = load_performances("validation", archive=archive, metre="4-4")
        calibrate(read_checkpoint(folder), held_out, report)

    _with_temperature(runs / "performer", write, choose)


def ship_composer(archive: Path | None, runs: Path, folder: Path) -> None:
    """Write the composer of `runs` to `folder`."""
    network = trained_composer(runs / "composer")
    card: dict[str, Any] = {
        "architecture": {
            "description": "step-by-step choice among 512 sets of voices, see docs/adr/0009-composer.md",
            **asdict(network.config),
            "weights": sum(parameter.numel() for parameter in network.parameters()),
        },
        "data": DATA,
        "recipe": asdict(ComposerRecipe()),
        **_told(runs / "composer"),
        "test": "see docs/results/grooves.md",
        "unfair": UNFAIR,
    }

    def write(sampling: Mapping[str, Any]) -> None:
        export_composer(network, folder, styles=STYLES, card={**card, "sampling": sampling})

    def choose(report: Path) -> None:
        held_out = load_performances("validation", archive=archive, metre="4-4")
        calibrate_composer(read_checkpoint(folder), held_out, report)

    _with_temperature(runs / "composer", write, choose)


def ship_taste(runs: Path, folder: Path) -> None:
    """Write the critic's encoder of `runs` to `folder`."""
    recipe = TasteRecipe()
    encoder = trained_taste(runs / "taste")
    log = read_log(runs / "taste")
    best = min(log, key=lambda row: sum(row[name] for name in LOSSES))
    card = {
        "architecture": {
            "description": "convolutions round the bar over levels in 40 bands; rows are read from patterns "
            "where there are any, see docs/adr/0011-critic.md",
            "weights": sum(parameter.numel() for parameter in encoder.parameters()),
        },
        "data": f"{recipe.groups * recipe.group_size} loops drawn of {recipe.sounds} one-shots that we synthesised; "
        "validation on loops of other one-shots",
        "recipe": asdict(recipe),
        "training": {"steps": log[-1]["steps"], "minutes": round(log[-1]["seconds"] / 60), "hardware": HARDWARE},
        "validation": {name: best[name] for name in ("epoch", *LOSSES)},
        "test": "see docs/results/explorer.md",
        "unfair": "Telling rhythm and timbre of loops of our own synthesis from the same seeds.",
    }
    export_taste(embedding_of(encoder, recipe), folder, values=recipe.values, card=card)


def _with_temperature(run: Path, write: Callable[[Mapping[str, Any]], None], choose: Callable[[Path], None]) -> None:
    """Export with the temperature of `calibration.json`, which is measured anew where the weights are newer."""
    calibration = run / "calibration.json"
    weights = run / "best.safetensors"
    if not calibration.exists() or calibration.stat().st_mtime < weights.stat().st_mtime:
        write({"temperature": 1.0})
        choose(calibration)
    measured = json.loads(calibration.read_text(encoding="utf-8"))
    write({"temperature": measured["chosen"]["temperature"], "calibration": measured})


def _told(run: Path) -> dict[str, Any]:
    """Return what the log says: length of the training, and the validation of the best epoch."""
    rows = read_log(run)
    best = min(rows, key=lambda row: sum(_nats(row)))
    return {
        "training": {"steps": rows[-1]["steps"], "minutes": round(rows[-1]["seconds"] / 60), "hardware": HARDWARE},
        "validation": {key: value for key, value in best.items() if key not in ("steps", "seconds", "train")},
    }


def _nats(row: Mapping[str, Any]) -> Iterable[float]:
    return (value for name, value in row.items() if name.endswith("_nats"))
