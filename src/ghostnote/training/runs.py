"""A training run on disk: a log of one JSON object per epoch, the best weights, and a state to resume from."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ghostnote.errors import StorageError


@dataclass
class Run:
    """One training, in `folder`; calling it again with the same folder goes on where it stopped."""

    folder: Path
    spent_seconds: float = 0.0
    best: float = float("inf")
    epoch: int = 0
    steps: int = 0
    _since: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Time spent in training, over all interruptions."""
        return self.spent_seconds + time.monotonic() - self._since

    def log(self, **row: Any) -> None:
        """Append a row to `log.jsonl` and print it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"epoch": self.epoch, "steps": self.steps, "seconds": round(self.seconds), **row})
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        print(line, flush=True)  # noqa: T201 - a training is a command

    def keep_if_best(self, network: nn.Module, score: float) -> None:
        """Write `best.safetensors` if `score` (smaller is better) is the best so far."""
        if score < self.best:
            self.best = score
            write_weights(network, self.folder / "best.safetensors")

    def save_state(self, optimizer: torch.optim.Optimizer, *networks: nn.Module) -> None:
        """Write everything needed to resume after an interruption."""
        tensors = {f"network{i}.{k}": v for i, net in enumerate(networks) for k, v in net.state_dict().items()}
        for key, slots in optimizer.state_dict()["state"].items():
            tensors.update({f"optimizer.{key}.{name}": torch.as_tensor(value) for name, value in slots.items()})
        numbers = {"seconds": self.seconds, "best": self.best, "epoch": self.epoch, "steps": self.steps}
        path = self.folder / "state.safetensors"
        partial = path.with_suffix(".part")
        save_file({k: v.contiguous() for k, v in tensors.items()}, partial, {"numbers": json.dumps(numbers)})
        partial.replace(path)

    def resume(self, optimizer: torch.optim.Optimizer, *networks: nn.Module) -> bool:
        """Load what `save_state` wrote, if it did; return whether it did."""
        path = self.folder / "state.safetensors"
        if not path.exists():
            return False
        from safetensors import safe_open

        with safe_open(path, "pt") as file:
            numbers = json.loads(file.metadata()["numbers"])
        tensors = load_file(path)
        for i, network in enumerate(networks):
            network.load_state_dict(_under(tensors, f"network{i}."))
        slots: dict[int, dict[str, Tensor]] = {}
        for name, value in _under(tensors, "optimizer.").items():
            key, slot = name.split(".", 1)
            slots.setdefault(int(key), {})[slot] = value
        optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})
        self.spent_seconds, self.best = numbers["seconds"], numbers["best"]
        self.epoch, self.steps = numbers["epoch"], numbers["steps"]
        self._since = time.monotonic()
        return True


def write_weights(network: nn.Module, path: Path) -> None:
    """Write the weights of `network` as safetensors, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, partial)
    partial.replace(path)


def read_weights(network: nn.Module, path: Path) -> None:
    """Load safetensors into `network`.

    Raises:
        StorageError: the file is not there.
    """
    if not path.exists():
        raise StorageError(f"weights {path} are not there; train them first (see `make help`)")
    network.load_state_dict(load_file(path))


def read_log(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of a run's log; the last of several for one epoch counts."""
    path = folder / "log.jsonl"
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return list({row["epoch"]: row for row in rows}.values())


def cosine(epoch: float, epochs: int, warm_up_epochs: float) -> float:
    """Return the share of the full learning rate after `epoch` of `epochs`: a warm-up, then a cosine's fall."""
    warm_up = min(1.0, epoch / warm_up_epochs)
    return warm_up * 0.5 * (1.0 + math.cos(math.pi * epoch / epochs)) + 0.005


def seed_everything(seed: int) -> np.random.Generator:
    """Seed torch and return a numpy generator for all other randomness."""
    torch.manual_seed(seed)
    return np.random.default_rng(seed)


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
