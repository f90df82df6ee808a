"""Shipped weights: ONNX files beside a JSON card that says where they come from and what their bytes must hash to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ghostnote.errors import InvalidWeights, StorageError

if TYPE_CHECKING:
    import onnxruntime

CARD_FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """A verified set of graphs.

    Args:
        folder: where card and graphs lie.
        card: the parsed `card.json`.
    """

    folder: Path
    card: dict[str, Any]

    def session(self, graph: str) -> onnxruntime.InferenceSession:
        """Return a single-threaded ONNX Runtime session of one graph of the card.

        Raises:
            InvalidWeights: the file is missing, is not the one that the card describes, or is no ONNX graph.
        """
        import onnxruntime  # lazily: it takes 0.3 s

        content = self._content(graph)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise InvalidWeights(
                f"{graph} of {self.folder.name} must be an ONNX graph; the runtime says: {error}"
            ) from error

    def field(self, *path: str) -> Any:
        """Return a value of the card.

        Raises:
            InvalidWeights: it is not there.
        """
        value: Any = self.card
        for name in path:
            if not isinstance(value, dict) or name not in value:
                raise InvalidWeights(f"model card of {self.folder.name!r} must say {'.'.join(path)}; it does not")
            value = value[name]
        return value

    def _content(self, graph: str) -> bytes:
        expected = self.field("files", graph, "sha256")
        try:
            content = (self.folder / graph).read_bytes()
        except OSError as error:
            raise InvalidWeights(
                f"{graph} of model {self.folder.name!r} can not be read: {error}. Reinstall?"
            ) from error
        found = hashlib.sha256(content).hexdigest()
        if found != expected:
            raise InvalidWeights(
                f"{graph} of model {self.folder.name!r} must have SHA-256 {expected[:12]}…; got {found[:12]}…. "
                "The file is damaged or was changed: reinstall, or make a new card"
            )
        return content


def bundled_folder(name: str) -> Path:
    """Return the folder of a model that is shipped with the package."""
    return Path(str(files("ghostnote.models") / "weights" / name))


def read_checkpoint(folder: Path) -> Checkpoint:
    """Return the checkpoint in `folder`; its graphs are hashed when a session is made.

    Raises:
        StorageError: the card can not be read.
        InvalidWeights: the card is not one of ours, or of another version.
    """
    path = folder / "card.json"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise StorageError(f"model card {path.name} of {folder.name!r} can not be read: {error}") from error
    try:
        card = json.loads(text)
    except ValueError as error:
        raise InvalidWeights(f"model card of {folder.name!r} must be JSON: {error}") from error
    if not isinstance(card, dict) or card.get("format") != CARD_FORMAT or not isinstance(card.get("files"), dict):
        version = card.get("format") if isinstance(card, dict) else None
        raise InvalidWeights(f"model card of {folder.name!r} must have format {CARD_FORMAT}; got {version!r}")
    return Checkpoint(folder, card)
