"""What every picture shares: themes, plain text, and files that are written whole or not at all."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO

from ghostnote.errors import InvalidParameter, MissingExtra, StorageError
from ghostnote.storage import writing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Target = str | os.PathLike[str] | BinaryIO
FORMATS = {".png": "png", ".svg": "svg", ".pdf": "pdf"}


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of a theme; early and late stay apart for every kind of colour vision."""

    paper: str
    panel: str
    ink: str
    faint: str
    line: str
    early: str
    on_time: str
    late: str
    ghost: str


THEMES: Mapping[str, Palette] = MappingProxyType(
    {
        "light": Palette(
            paper="#ffffff",
            panel="#f6f6f3",
            ink="#22252a",
            faint="#6f747c",
            line="#c9cbc7",
            early="#1f6fd0",
            on_time="#8a8f98",
            late="#e0720c",
            ghost="#9aa0a8",
        ),
        "dark": Palette(
            paper="#15181d",
            panel="#1c2027",
            ink="#eceef1",
            faint="#9aa1ab",
            line="#3a404a",
            early="#57a5ff",
            on_time="#a7adb7",
            late="#ff9a3c",
            ghost="#717985",
        ),
    }
)


def require_matplotlib() -> None:
    """Raise `MissingExtra` unless matplotlib is installed; called before any work is done."""
    if find_spec("matplotlib") is None:
        raise MissingExtra("drawing needs matplotlib, which is not installed: pip install 'ghostnote[plot]'")


def palette(theme: str) -> Palette:
    """Return the colours of `theme`.

    Raises:
        InvalidParameter: there is no such theme.
    """
    if theme not in THEMES:
        raise InvalidParameter(f"theme must be one of {', '.join(THEMES)}; got {theme!r}")
    return THEMES[theme]


def write_text(
    where: Axes | Figure,
    x: float,
    y: float,
    words: str,
    colour: str,
    size: float,
    weight: str = "normal",
    **options: Any,
) -> None:
    """Write `words` as they are: no mathematics between dollar signs, no control characters, no endless names."""
    plain = "".join(letter if letter.isprintable() else " " for letter in words)[:160]
    where.text(x, y, plain, color=colour, fontsize=size, fontweight=weight, parse_math=False, **options)


def format_of(path_or_file: Target) -> str:
    """Return the format that a path asks for by its ending; a stream gets PNG.

    Raises:
        InvalidParameter: the ending is none of `FORMATS`.
    """
    if not isinstance(path_or_file, str | os.PathLike):
        return "png"
    suffix = Path(path_or_file).suffix.lower()
    if suffix not in FORMATS:
        raise InvalidParameter(f"a picture must end in {', '.join(FORMATS)}; got {Path(path_or_file).name!r}")
    return FORMATS[suffix]


def save(figure: Figure, path_or_file: Target, kind: str, overwrite: bool) -> None:
    """Draw `figure` into a file or stream.

    Raises:
        StorageError: writing failed, or the file exists and `overwrite` is false.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    picture = io.BytesIO()
    # Neither a date nor a version, so that the same data make the same file.
    unsigned = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    with warnings.catch_warnings():
        # A title in a script that the font lacks shows boxes, which says it all.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(picture, format=kind, facecolor=figure.get_facecolor(), metadata=unsigned)
    try:
        if isinstance(path_or_file, str | os.PathLike):
            with writing(path_or_file, overwrite=overwrite) as stream:
                stream.write(picture.getvalue())
        else:
            path_or_file.write(picture.getvalue())
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(f"the picture can not be written to {path_or_file}: {error.strerror}") from error
