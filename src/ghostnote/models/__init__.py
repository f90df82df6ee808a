"""Trained networks, run by ONNX Runtime: arrays in, arrays out."""

from ghostnote.models.checkpoint import Checkpoint, read_checkpoint
from ghostnote.models.composer import Composer, load_composer
from ghostnote.models.performer import Performer, Played, load_performer
from ghostnote.models.score import ScoreFeatures, read_score

__all__ = [
    "Checkpoint",
    "Composer",
    "Performer",
    "Played",
    "ScoreFeatures",
    "load_composer",
    "load_performer",
    "read_checkpoint",
    "read_score",
]
