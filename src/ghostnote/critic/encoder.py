"""The shipped encoder: levels of a loop in, and its rows if they are known; an embedding of rhythm and timbre out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ghostnote.critic.rows import ROW_VALUES
from ghostnote.critic.spectrum import BANDS
from ghostnote.errors import InvalidParameter
from ghostnote.models.checkpoint import bundled_folder, read_checkpoint

if TYPE_CHECKING:
    import onnxruntime

GRAPH = "encoder.onnx"
_AT_ONCE = 128


@dataclass(frozen=True, eq=False)
class Encoder:
    """A convolutional network, run by ONNX Runtime on one thread.

    Args:
        session: of the graph.
        values: of an embedding; the first half is of rhythm, the second of timbre.
        sha256: of the graph; embeddings of different ones can not be compared.
    """

    session: onnxruntime.InferenceSession
    values: int
    sha256: str

    def embed(self, levels: NDArray[np.float32], rows: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Return embeddings `(loops, values)`.

        Args:
            levels: `(loops, frames, BANDS)`, from `Hearing.hear` or `hear_bar`.
            rows: `(loops, ROW_VALUES)`, from `rows_of`; None for audio without a pattern: they are told by ear.

        Raises:
            InvalidParameter: the shape is another.
        """
        if levels.ndim != 3 or levels.shape[2] != BANDS:
            raise InvalidParameter(f"levels must have shape (loops, frames, {BANDS}); got {levels.shape}")
        if rows is not None and rows.shape != (len(levels), ROW_VALUES):
            raise InvalidParameter(f"rows must have shape ({len(levels)}, {ROW_VALUES}); got {rows.shape}")
        known = np.full((len(levels), 1), rows is not None, dtype=np.float32)
        if rows is None:
            rows = np.zeros((len(levels), ROW_VALUES), dtype=np.float32)
        found = np.empty((len(levels), self.values), dtype=np.float32)
        for start in range(0, len(levels), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            given = {"levels": levels[part], "rows": rows[part], "known": known[part]}
            chunk = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in given.items()}
            found[part] = self.session.run(None, chunk)[0]
        return found


def read_encoder(folder: Path) -> Encoder:
    """Return the encoder in `folder`.

    Raises:
        InvalidWeights: it is damaged, or its card lacks something.
        StorageError: its card can not be read.
    """
    checkpoint = read_checkpoint(folder)
    return Encoder(
        checkpoint.session(GRAPH), int(checkpoint.field("values")), str(checkpoint.field("files", GRAPH, "sha256"))
    )


@cache
def load_encoder() -> Encoder:
    """Return the encoder that is shipped.

    Raises:
        InvalidWeights, StorageError: as `read_encoder`.
    """
    return read_encoder(bundled_folder("critic"))
