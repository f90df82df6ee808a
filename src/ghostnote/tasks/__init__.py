"""What a musician asks for: tracks in, tracks out.

Each task is the learned inverse of a forward transformation (`ghostnote.groove.transforms`), and all go through one
inference path (`ghostnote.tasks.complete`): known parts in, missing parts out.
"""

from ghostnote.models.feel_file import read_feel, write_feel
from ghostnote.tasks.account import Account, compare
from ghostnote.tasks.complete import Wish, complete
from ghostnote.tasks.drumify import drumify
from ghostnote.tasks.feel import apply_groove, extract_groove, transfer
from ghostnote.tasks.generate import generate
from ghostnote.tasks.humanize import Amounts, humanize
from ghostnote.tasks.infill import continue_, infill
from ghostnote.tasks.interpolate import interpolate
from ghostnote.tasks.pad import interpolate_pad
from ghostnote.tasks.vary import vary

__all__ = [
    "Account",
    "Amounts",
    "Wish",
    "apply_groove",
    "compare",
    "complete",
    "continue_",
    "drumify",
    "extract_groove",
    "generate",
    "humanize",
    "infill",
    "interpolate",
    "interpolate_pad",
    "read_feel",
    "transfer",
    "vary",
    "write_feel",
]
