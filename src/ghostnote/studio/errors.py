"""Errors of the studio, and how any error travels: between processes, and to the page as kind, message and status."""

from __future__ import annotations

from collections.abc import Mapping

from ghostnote import errors
from ghostnote.errors import GhostnoteError


class NotFound(GhostnoteError):
    """There is nothing of this id."""


class Conflict(GhostnoteError):
    """An idempotency key was used before, for something else."""


class TooLarge(GhostnoteError):
    """A body is longer than its route takes."""


class Cancelled(GhostnoteError):
    """The work was cancelled before it was done."""


class WorkerLost(GhostnoteError):
    """The process that did the work ended before it was done."""


class Internal(GhostnoteError):
    """Something unforeseen: what it was is in the log, and not in the message."""


INTERNAL_MESSAGE = "something went wrong inside the studio; its log, in the terminal it was started from, tells more"

# Kind → (class, status). The nearest of an error's ancestors counts.
_TABLE: dict[str, tuple[type[GhostnoteError], int]] = {
    kind.__name__: (kind, status)
    for kind, status in (
        (errors.InvalidParameter, 422),
        (errors.InvalidInput, 422),
        (errors.InvalidMidi, 422),
        (errors.InvalidAudio, 422),
        (errors.InvalidArchive, 422),
        (errors.InvalidWeights, 422),
        (errors.MissingExtra, 501),
        (errors.StorageError, 507),
        (NotFound, 404),
        (Conflict, 409),
        (TooLarge, 413),
        (Cancelled, 410),
        (WorkerLost, 503),
        (Internal, 500),
    )
}


def kind_of(error: BaseException) -> str:
    """Return the name under which `error` travels: of its nearest ancestor in the table, or `Internal`."""
    for ancestor in type(error).__mro__:
        if _TABLE.get(ancestor.__name__, (None,))[0] is ancestor:
            return ancestor.__name__
    return "InvalidInput" if isinstance(error, GhostnoteError) else "Internal"


def encode_error(error: BaseException) -> dict[str, str]:
    """Return `{"kind", "message"}`: without internals where the error was not foreseen."""
    kind = kind_of(error)
    return {"kind": kind, "message": INTERNAL_MESSAGE if kind == "Internal" else str(error)}


def decode_error(told: Mapping[str, str]) -> GhostnoteError:
    """Return the error that `encode_error` told of."""
    kind, _ = _TABLE.get(told["kind"], (Internal, 500))
    return kind(told["message"])


def status_of(kind: str) -> int:
    """Return the HTTP status of an error of this kind."""
    return _TABLE.get(kind, (Internal, 500))[1]
