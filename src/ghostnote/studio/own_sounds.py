"""Samples of any sound that a kit or a loop asks for: of ours, uploaded ones, a session's, or those on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import FileSound
from ghostnote.studio.places import Places
from ghostnote.studio.samples import SampleFolder

_LONGEST_TOLD = 200


def sound_bank(places: Places, session: str | None = None) -> SoundBank:
    """Return a bank that finds recordings in the studio's samples, in a session, and in the user's folders of sounds.

    Args:
        places: of the studio.
        session: id of a session whose recordings count too.

    Raises:
        NotFound: the session's id is none.
    """
    path = None if session is None else places.session(session)

    def read(sound: FileSound) -> Mono | None:
        audio = SampleFolder(places.samples).read(sound)
        if audio is None and path is not None and path.exists():
            from ghostnote.explore.session import Session

            opened = Session.open(path, create=False)
            if sound not in opened.missing_sounds():
                audio = opened.bank.audio(sound)
        return _of_folders(sound) if audio is None else audio

    return SoundBank(read)


def check_places(ids: Sequence[str]) -> None:
    """Raise unless all are ids of `GET /api/sounds`: a page may choose what the user added, never any folder.

    Raises:
        InvalidParameter: one is not among them; whether there is such a folder is not told.
        InvalidInput, StorageError: the index of folders can not be used.
    """
    from ghostnote.sounds.found import find_libraries
    from ghostnote.sounds.index import read_index

    known = {library.name for library in find_libraries()}
    if not known.issuperset(ids):
        known |= {str(folder.folder) for folder in read_index()}
    for id in ids:
        if id not in known:
            raise InvalidParameter(
                f"sounds must be ids that GET /api/sounds lists, or samples; got {id[:_LONGEST_TOLD]!r}. "
                "A folder is added with `ghostnote sounds add`"
            )


def _of_folders(sound: FileSound) -> Mono | None:
    from ghostnote.sounds.index import read_index
    from ghostnote.sounds.library import join_folders

    try:
        return join_folders(read_index()).read(sound)
    except (InvalidInput, StorageError):  # an index that can not be read knows no sound
        return None
