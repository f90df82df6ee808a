"""Samples of any sound that a kit or a loop asks for: of ours, uploaded ones, a session's, or those on this machine."""

from __future__ import annotations

from ghostnote.errors import InvalidInput, StorageError
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import FileSound
from ghostnote.studio.places import Places
from ghostnote.studio.samples import SampleFolder


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


def _of_folders(sound: FileSound) -> Mono | None:
    from ghostnote.sounds.index import read_index
    from ghostnote.sounds.library import join_folders

    try:
        return join_folders(read_index()).read(sound)
    except (InvalidInput, StorageError):  # an index that can not be read knows no sound
        return None
