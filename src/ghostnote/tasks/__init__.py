"""What a musician asks for: tracks in, tracks out."""

from ghostnote.tasks.account import Account, compare
from ghostnote.tasks.humanize import Amounts, humanize

__all__ = ["Account", "Amounts", "compare", "humanize"]
