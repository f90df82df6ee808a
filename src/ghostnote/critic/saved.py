"""Critics to keep, to share and to put together: the ratings that they learned from, as embeddings.

A saved critic holds one or more people's ratings; what it believes of a loop is the mean of what each person's taste
says. Nothing of loops or sounds is in it but the embeddings.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ghostnote.critic.taste import Taste, fit_taste
from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.storage import check_is_file, writing

CRITIC_FORMAT = 1
MOST_BYTES = 64 * 2**20
_LEAST_SURE = 0.02
_LARGEST = 1e3
"""Of a value of an embedding in a file; those of encoders are around 1."""


@dataclass(frozen=True, eq=False)
class Experience:
    """One person's ratings.

    Args:
        embeddings: `(ratings, values)`, in the order in which the loops were heard.
        liked: `(ratings,)`.
    """

    embeddings: NDArray[np.float32]
    liked: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if self.embeddings.ndim != 2 or self.liked.shape != self.embeddings.shape[:1]:
            raise InvalidParameter(
                f"an experience must have one liked for each embedding; got {self.embeddings.shape}, {self.liked.shape}"
            )
        if not np.isfinite(self.embeddings).all():
            raise InvalidParameter("embeddings must be finite; got NaN or infinity")


@dataclass(frozen=True, eq=False)
class SavedCritic:
    """What one or more people like.

    Args:
        encoder_sha256: of the encoder whose embeddings these are.
        people: their ratings; at least one.
    """

    encoder_sha256: str
    people: tuple[Experience, ...]

    def __post_init__(self) -> None:
        if not self.people:
            raise InvalidParameter("a critic must hold the ratings of at least one person; got none")
        if len({experience.embeddings.shape[1] for experience in self.people}) > 1:
            raise InvalidParameter("embeddings of all people must have as many values")

    def score(self, embeddings: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return P(like) `(loops,)`: the mean over people.

        Args:
            embeddings: `(loops, values)`.
        """
        return np.asarray(np.mean([taste.judge(embeddings).scores for taste in self._tastes], axis=0))

    def logits(self, embeddings: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return what is believed of loops as logits `(loops,)`, to go on from."""
        share = np.clip(self.score(embeddings), _LEAST_SURE, 1 - _LEAST_SURE)
        return np.asarray(np.log(share / (1 - share)))

    @cached_property
    def _tastes(self) -> tuple[Taste, ...]:
        return tuple(fit_taste(experience.embeddings, experience.liked) for experience in self.people)


def combine_critics(critics: Sequence[SavedCritic]) -> SavedCritic:
    """Return the critic that stands for all people of `critics`, each with equal weight.

    Raises:
        InvalidParameter: there are none, or they are of different encoders.
    """
    if not critics:
        raise InvalidParameter("critics must be at least one; got none")
    if len({critic.encoder_sha256 for critic in critics}) > 1:
        raise InvalidParameter("critics to be combined must be of one encoder; these were made by different versions")
    return SavedCritic(critics[0].encoder_sha256, tuple(person for critic in critics for person in critic.people))


def encode_critic(critic: SavedCritic) -> bytes:
    """Return `critic` as the bytes of a JSON file."""
    people = [
        {
            "liked": "".join("1" if liked else "0" for liked in person.liked),
            "embeddings": base64.b64encode(person.embeddings.astype("<f4").tobytes()).decode(),
        }
        for person in critic.people
    ]
    values = critic.people[0].embeddings.shape[1]
    whole = {"ghostnote_critic": CRITIC_FORMAT, "encoder": critic.encoder_sha256, "values": values, "people": people}
    return json.dumps(whole, indent=1).encode() + b"\n"


def decode_critic(content: bytes, *, encoder_sha256: str | None = None, name: str = "the critic") -> SavedCritic:
    """Return the critic that `encode_critic` made `content` of.

    Args:
        content: of the file.
        encoder_sha256: of the encoder that it must be of; None takes any.
        name: of the file, for messages.

    Raises:
        InvalidInput: it is no critic, damaged, of a newer version, or of another encoder.
    """
    if len(content) > MOST_BYTES:
        raise InvalidInput(f"{name} must be at most {MOST_BYTES >> 20} MiB; it is larger. Is it a critic?")
    try:
        value: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{name} must be a saved critic, which is JSON: {error}") from error
    version = value.get("ghostnote_critic") if isinstance(value, dict) else None
    if version != CRITIC_FORMAT:
        raise InvalidInput(f"{name} must be a saved critic of format {CRITIC_FORMAT}; got {str(version)[:20]!r}")
    try:
        people = tuple(_person(person, int(value["values"])) for person in value["people"])
        critic = SavedCritic(str(value["encoder"]), people)
    except (KeyError, TypeError, ValueError, OverflowError, binascii.Error) as error:
        raise InvalidInput(f"{name} is damaged: {error}") from error
    if encoder_sha256 is not None:
        check_encoder(critic, encoder_sha256, name)
    return critic


def check_encoder(critic: SavedCritic, encoder_sha256: str, name: str) -> None:
    """Raise InvalidInput unless `critic`, of this name, is of the encoder."""
    if critic.encoder_sha256 != encoder_sha256:
        raise InvalidInput(
            f"{name} was made with another encoder (another version of Ghostnote), which hears otherwise; "
            "make it again from the ratings or the audio"
        )


def write_critic(critic: SavedCritic, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Write `critic` to a file, whole or not at all.

    Raises:
        StorageError: the file exists and may not be replaced, or writing failed.
    """
    try:
        with writing(path, overwrite=overwrite) as stream:
            stream.write(encode_critic(critic))
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"the critic can not be written to {path}: {error.strerror}") from error


def read_critic(path: str | os.PathLike[str], *, encoder_sha256: str | None = None) -> SavedCritic:
    """Return the critic in a file; see `decode_critic`.

    Raises:
        InvalidInput: as `decode_critic`.
        StorageError: the file can not be read, or is no file.
    """
    check_is_file(path)
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise StorageError(f"{path} can not be read: {error.strerror}. Is the path right?") from error
    return decode_critic(content, encoder_sha256=encoder_sha256, name=str(path))


def _person(value: Any, values: int) -> Experience:
    liked = value["liked"]
    if not isinstance(liked, str) or set(liked) - {"0", "1"} or not 1 <= values <= 4096:
        raise ValueError("liked must be a text of 0 and 1, values a small number")
    flat = np.frombuffer(base64.b64decode(value["embeddings"], validate=True), dtype="<f4")
    embeddings = flat.reshape(len(liked), values).astype(np.float32)
    if not (np.abs(embeddings) <= _LARGEST).all():
        raise ValueError(f"embeddings must be finite, and at most {_LARGEST:g}")
    return Experience(embeddings, np.array([letter == "1" for letter in liked], dtype=bool))
