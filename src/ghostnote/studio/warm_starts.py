"""Warm starts: audio that a person likes or dislikes, gathered file by file until a session begins with it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ghostnote.errors import InvalidParameter
from ghostnote.studio.app import Studio
from ghostnote.studio.errors import NotFound
from ghostnote.studio.places import checked_id, new_id
from ghostnote.studio.proposing import CALLS

Side = Literal["like", "dislike"]

MOST_FILES = 50
_MOST_STARTS = 20


@dataclass(eq=False)
class _Start:
    """Files by side, in the order in which they came."""

    folder: Path
    files: dict[Side, list[Path]] = field(default_factory=lambda: {"like": [], "dislike": []})


class WarmStarts:
    """Those of a studio; they last as long as the server.

    Args:
        studio: whose workers hear.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._starts: OrderedDict[str, _Start] = OrderedDict()

    @classmethod
    def of(cls, studio: Studio) -> WarmStarts:
        """Return those of `studio`."""
        return studio.part(cls, lambda: cls(studio))

    def begin(self) -> str:
        """Return the id of a new one."""
        id = new_id()
        folder = self._studio.places.uploads / id
        folder.mkdir(mode=0o700)
        self._starts[id] = _Start(folder)
        while len(self._starts) > _MOST_STARTS:
            self._starts.popitem(last=False)
        return id

    async def add(self, id: str, side: Side, content: bytes, name: str) -> dict[str, Any]:
        """Hear a file, and keep it if it can be used.

        Raises:
            NotFound: there is no such warm start.
            InvalidAudio: the file can not be used; the others stay.
        """
        start = self._start(id)
        if len(start.files[side]) >= MOST_FILES:
            raise InvalidParameter(f"a warm start must have at most {MOST_FILES} files to {side}; it has them already")
        path = start.folder / new_id()
        path.write_bytes(content)
        try:
            heard: dict[str, Any] = await self._call("hear", {"path": str(path), "name": name})
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        start.files[side].append(path)
        return heard

    async def critic(self, id: str) -> Path:
        """Return the file of the critic that learned from what was added.

        Raises:
            NotFound: there is no such warm start.
            InvalidParameter: nothing was added.
        """
        start = self._start(id)
        if not any(start.files.values()):
            raise InvalidParameter("a warm start must have a file that can be used; it has none. Add one first")
        made = start.folder / "critic.json"
        files = {side: [str(path) for path in paths] for side, paths in start.files.items()}
        await self._call("learn", files | {"to": str(made)})
        return made

    def _start(self, id: str) -> _Start:
        if checked_id(id) not in self._starts:
            raise NotFound(f"warm start must be one that was begun since the studio was started; got {id!r}")
        return self._starts[id]

    async def _call(self, name: str, arguments: dict[str, Any]) -> Any:
        return await self._studio.workers.submit(f"{CALLS}:{name}", arguments, urgent=True).result()
