"""The password of a studio that other machines may reach: asked for by the browser itself, once, for the cookie."""

from __future__ import annotations

import asyncio
import base64
import binascii
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from ghostnote.errors import InvalidParameter, StorageError

_SHORTEST = 12
_WRONG_SECONDS = 1.0


@dataclass(frozen=True)
class Password:
    """A password; the name beside it does not matter."""

    text: str = field(repr=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False, compare=False)

    async def opens(self, authorization: str) -> bool:
        """Return whether the header is HTTP Basic with this password. Wrong ones take a second each, one by one."""
        if not authorization:
            return False
        async with self._turn:
            if secrets.compare_digest(_offered(authorization), self.text.encode()):
                return True
            await asyncio.sleep(_WRONG_SECONDS)
        return False


def read_password(path: Path) -> Password:
    """Return the password in the first line of a file.

    Raises:
        InvalidParameter: it is too short.
        StorageError: the file can not be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"password file must be a text file that can be read; {path}: {error}") from error
    text = lines[0].strip() if lines else ""
    if len(text) < _SHORTEST:
        raise InvalidParameter(
            f"password must have at least {_SHORTEST} letters; the first line of {path} has {len(text)}"
        )
    return Password(text)


def _offered(authorization: str) -> bytes:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""
