"""Messages between the studio and its workers: JSON, with bytes beside it. Nothing that is received can run."""

from __future__ import annotations

import json
from multiprocessing.connection import Connection
from typing import Any

_BYTES = "__bytes__"


def encode(message: Any) -> list[bytes]:
    """Return the frames of a message of dicts, lists, strings, numbers, None, and bytes at any place.

    >>> decode(encode({"midi": b"MThd"}))
    {'midi': b'MThd'}
    """
    attached: list[bytes] = []

    def place(value: object) -> dict[str, int]:
        if isinstance(value, (bytes, bytearray, memoryview)):
            attached.append(bytes(value))
            return {_BYTES: len(attached) - 1}
        raise TypeError(f"a message must be JSON or bytes; got {type(value).__name__}")

    text = json.dumps(message, default=place, allow_nan=False).encode()
    return [text, *attached]


def decode(frames: list[bytes]) -> Any:
    """Return the message of the frames."""

    def fill(value: dict[str, Any]) -> Any:
        return frames[1 + value[_BYTES]] if value.keys() == {_BYTES} else value

    return json.loads(frames[0], object_hook=fill)


def send(connection: Connection[Any, Any], message: Any) -> None:
    """Send a message.

    Raises:
        OSError: the other end is gone.
    """
    send_frames(connection, encode(message))


def send_frames(connection: Connection[Any, Any], frames: list[bytes]) -> None:
    """Send a message that is encoded already."""
    connection.send_bytes(len(frames).to_bytes(4, "big"))
    for frame in frames:
        connection.send_bytes(frame)


def receive(connection: Connection[Any, Any]) -> Any:
    """Return the next message.

    Raises:
        EOFError: the other end is gone.
        OSError: the other end is gone.
    """
    count = int.from_bytes(connection.recv_bytes(), "big")
    return decode([connection.recv_bytes() for _ in range(count)])
