"""A training run on disk: its log as JSON lines and for TensorBoard, the best weights, and a state to resume from."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ghostnote.errors import InvalidInput, InvalidParameter, InvalidWeights, StorageError
from ghostnote.training.progress import Progress
from ghostnote.training.scalars import ScalarLog

DEVICE_VARIABLE = "GHOSTNOTE_DEVICE"
AnyBatch = TypeVar("AnyBatch")


@dataclass
class Run:
    """One training, in `folder`; calling it again with the same folder goes on where it stopped.

    Args:
        folder: gets `log.jsonl`, TensorBoard's event files, `best.safetensors` and `state.safetensors`.
        progress: tells how far it is; None keeps silent.
    """

    folder: Path
    progress: Progress | None = None
    spent_seconds: float = 0.0
    best: float = float("inf")
    epoch: int = 0
    steps: int = 0
    _since: float = field(default_factory=time.monotonic)
    _scalars: ScalarLog | None = None

    @property
    def seconds(self) -> float:
        """Time spent in training, over all interruptions."""
        return self.spent_seconds + time.monotonic() - self._since

    def tell(self, share: float, detail: str) -> None:
        """Tell that `share` (0…1) of the whole training is done, if that is wanted."""
        if self.progress is not None:
            self.progress.tell(share, detail)

    def log(self, **row: Any) -> None:
        """Append a row to `log.jsonl` and TensorBoard's events, and print it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        row = {"epoch": self.epoch, "steps": self.steps, "seconds": round(self.seconds), **row}
        line = json.dumps(row)
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        self._scalars = self._scalars or ScalarLog(self.folder)
        self._scalars.add({name: value for name, value in row.items() if name != "steps"}, self.steps)
        if self.progress is not None:
            self.progress.clear()
        print(line, flush=True)  # noqa: T201 - a training is a command

    def keep_if_best(self, network: nn.Module, score: float) -> None:
        """Write `best.safetensors` if `score` (smaller is better) is the best so far.

        Raises:
            InvalidInput: `score` is not finite.
        """
        if not math.isfinite(score):
            raise InvalidInput(
                f"the held-out loss must be finite; got {score} after epoch {self.epoch}. Is the learning rate too "
                "high, or the data strange?"
            )
        if score < self.best:
            self.best = score
            write_weights(network, self.folder / "best.safetensors")

    def save_state(self, optimizer: torch.optim.Optimizer, *networks: nn.Module) -> None:
        """Write everything needed to resume after an interruption."""
        tensors = {f"network{i}.{k}": v for i, net in enumerate(networks) for k, v in net.state_dict().items()}
        for key, slots in optimizer.state_dict()["state"].items():
            tensors.update({f"optimizer.{key}.{name}": torch.as_tensor(value) for name, value in slots.items()})
        tensors.update(_random_states())
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
        _restore_random_states(tensors)
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
        InvalidWeights: they are damaged, or those of another network.
        StorageError: the file is not there.
    """
    if not path.exists():
        raise StorageError(f"weights {path} are not there; train them first (see `make help`)")
    try:
        network.load_state_dict(load_file(path))
    except (RuntimeError, SafetensorError) as error:
        raise InvalidWeights(f"weights {path} must be those of this network; they are not ({error})") from error


def learn(
    run: Run,
    optimizer: torch.optim.Optimizer,
    network: nn.Module,
    averaged: nn.Module,
    loss: Tensor,
    *,
    rate: float,
    gradient_norm: float,
    averaging: float,
) -> None:
    """Take one step down `loss` at learning rate `rate`, and let `averaged` follow `network`."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(network.parameters(), gradient_norm)
    optimizer.step()
    run.steps += 1
    for mean, value in zip(averaged.parameters(), network.parameters(), strict=True):
        mean.lerp_(value.detach(), 1.0 - min(averaging, run.steps / (run.steps + 10.0)))


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


def device() -> torch.device:
    """Return what to train on: a CUDA GPU where there is one, else the processor; `GHOSTNOTE_DEVICE` overrides it.

    Raises:
        InvalidParameter: the variable names a device that PyTorch does not have here.
    """
    name = os.environ.get(DEVICE_VARIABLE) or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(name)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise InvalidParameter(
            f"{DEVICE_VARIABLE} must name a device that PyTorch has here, such as cpu or cuda; got {name!r} ({reason})"
        ) from error
    return chosen


def on(batch: AnyBatch, place: torch.device) -> AnyBatch:
    """Return `batch`, a dataclass of tensors or of other such batches, on the device `place`."""
    if place.type == "cpu":
        return batch
    values = [getattr(batch, part.name) for part in fields(batch)]  # type: ignore[arg-type]
    return type(batch)(*(value.to(place) if isinstance(value, Tensor) else on(value, place) for value in values))


def half_precision(place: torch.device) -> AbstractContextManager[Any]:
    """Return a context in which matrix products are computed in bfloat16: twice as fast where the hardware can."""
    if place.type == "cpu" and "AVX512" not in torch.backends.cpu.get_cpu_capability():
        return nullcontext()  # PyTorch's LSTM has no bfloat16 there, and nothing would be quicker
    return torch.autocast(place.type, torch.bfloat16) if place.type in ("cpu", "cuda") else nullcontext()


def _random_states() -> dict[str, Tensor]:
    """Return the states of PyTorch's generators, of which dropout and latents are drawn."""
    states = {"random.cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["random.cuda"] = torch.cuda.get_rng_state()
    return states


def _restore_random_states(tensors: Mapping[str, Tensor]) -> None:
    """Set the generators to what `_random_states` returned, as far as it is there: older states lack it."""
    if "random.cpu" in tensors:
        torch.set_rng_state(tensors["random.cpu"])
    if "random.cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["random.cuda"])


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
