"""Whether every number in an ONNX graph is finite, told from its bytes.

A trial run would not show it: `Relu` and a comparison turn NaN into ordinary numbers. The `onnx` package is no
dependency of the product, and of its format only the few fields that hold numbers matter here.

Source: onnx.proto3 of ONNX 1.16, in the protocol buffers' wire format.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

# Messages within messages that lead to numbers: (kind of message, field) → kind of message.
_WITHIN = {
    ("model", 7): "graph",
    ("graph", 1): "node",
    ("graph", 5): "tensor",
    ("graph", 15): "sparse tensor",
    ("sparse tensor", 1): "tensor",
    ("node", 5): "attribute",
    ("attribute", 5): "tensor",
    ("attribute", 6): "graph",
    ("attribute", 10): "tensor",
    ("attribute", 11): "graph",
}
_NUMBERS = {("attribute", 2): "<f4", ("attribute", 7): "<f4", ("tensor", 4): "<f4", ("tensor", 10): "<f8"}
_DATA_TYPE, _RAW_DATA = 2, 9
_RAW = {1: "<f4", 10: "<f2", 11: "<f8"}
_BFLOAT16 = 16
_DEEPEST = 16


def graph_is_finite(content: bytes) -> bool:
    """Return whether no weight or constant of a graph is NaN or infinite.

    Args:
        content: of an `.onnx` file.

    Raises:
        ValueError: the bytes are no protocol buffer.
    """
    try:
        return _is_finite(memoryview(content), "model", 0)
    except (IndexError, struct.error) as error:
        raise ValueError("the bytes end in the middle of a field") from error


def _is_finite(message: memoryview, kind: str, depth: int) -> bool:
    if depth > _DEEPEST:
        raise ValueError("messages are nested too deeply")
    data_type, raw = 0, memoryview(b"")
    for number, value in _fields(message):
        if kind == "tensor" and number == _DATA_TYPE and isinstance(value, int):
            data_type = value
        if isinstance(value, int):
            continue
        if kind == "tensor" and number == _RAW_DATA:
            raw = value
        elif (kind, number) in _WITHIN:
            if not _is_finite(value, _WITHIN[kind, number], depth + 1):
                return False
        elif (kind, number) in _NUMBERS and not np.isfinite(np.frombuffer(value, _NUMBERS[kind, number])).all():
            return False
    if data_type == _BFLOAT16:
        # The upper half of a float32: all bits of the exponent set means NaN or infinity.
        return bool(((np.frombuffer(raw, "<u2") & 0x7F80) != 0x7F80).all())
    return data_type not in _RAW or bool(np.isfinite(np.frombuffer(raw, _RAW[data_type])).all())


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield number and value of each field: an integer, or the bytes of anything else."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, place = _varint(message, place)
            yield number, value
            continue
        if wire not in (1, 2, 5):
            raise ValueError(f"wire type {wire} is unknown")
        size = 8 if wire == 1 else 4
        if wire == 2:
            size, place = _varint(message, place)
        if place + size > len(message):
            raise IndexError(place)
        yield number, message[place : place + size]
        place += size


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """Return the number at `place` and the place after it."""
    value = 0
    for i in range(10):
        byte = message[place + i]
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return value, place + i + 1
    raise ValueError("a number is too long")
