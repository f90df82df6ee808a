"""Every error that Ghostnote raises on purpose; the shells turn them into exit codes or HTTP statuses.

A message names the field, the rule, what came and the likely fix.
"""


class GhostnoteError(Exception):
    """Base of all errors that a user can cause and mend."""


class InvalidParameter(GhostnoteError, ValueError):
    """An argument is outside its range (command line: exit code 2)."""


class InvalidInput(GhostnoteError, ValueError):
    """The content that came in can not be used (command line: exit code 3)."""


class InvalidMidi(InvalidInput):
    """Bytes that are not a usable Standard MIDI File, or one beyond the limits."""


class InvalidAudio(InvalidInput):
    """An audio file that is broken, beyond the limits, or not audio."""


class InvalidArchive(InvalidInput):
    """A dataset archive that is not the published one, or is damaged."""


class InvalidWeights(InvalidInput):
    """Model weights that do not match their card."""


class MissingExtra(GhostnoteError, ImportError):
    """A feature needs an optional dependency that is not installed (command line: exit code 2)."""


class StorageError(GhostnoteError, OSError):
    """Reading or writing a file failed (command line: exit code 4)."""
