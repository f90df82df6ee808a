"""Shipped weights: ONNX files beside a JSON card that says where they come from and what their bytes must hash to."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ghostnote.errors import InvalidWeights, StorageError
from ghostnote.models.finite import graph_is_finite

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
            InvalidWeights: the file is missing, is not the one that the card describes, is no ONNX graph, or holds
                numbers that are not finite.
        """
        # ONNX Runtime counts its use, and sends it when it can, unless this is said before it is imported.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime  # lazily: it takes 0.3 s

        content = self.content(graph)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
            sound = graph_is_finite(content)
        except Exception as error:
            raise InvalidWeights(
                f"{graph} of {self.folder.name} must be an ONNX graph; the runtime says: {error}"
            ) from error
        if not sound:
            raise InvalidWeights(
                f"the numbers in {graph} of model {self.folder.name!r} must be finite; some are NaN or infinite. "
                "Its training went wrong: train it again, or use another model"
            )
        return session

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

    def content(self, file: str) -> bytes:
        """Return the bytes of one file of the card.

        Raises:
            InvalidWeights: it is missing, or not the one that the card describes.
        """
        expected = self.field("files", file, "sha256")
        if Path(file).name != file:
            raise InvalidWeights(f"files of model {self.folder.name!r} must lie beside its card; got {file!r}")
        try:
            content = (self.folder / file).read_bytes()
        except OSError as error:
            raise InvalidWeights(
                f"{file} of model {self.folder.name!r} can not be read: {error}. Reinstall?"
            ) from error
        found = hashlib.sha256(content).hexdigest()
        if found != expected:
            raise InvalidWeights(
                f"{file} of model {self.folder.name!r} must have SHA-256 {str(expected)[:12]}…; got {found[:12]}…. "
                "The file is damaged or was changed: reinstall, or make a new card"
            )
        return content


@cache
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
