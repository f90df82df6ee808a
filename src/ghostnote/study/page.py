"""Pieces of an HTML page of one file: escaped text, tables, pictures and sound inside it. No script at all.

Everything that a participant or operator typed goes through `escape`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from ghostnote.evaluation.bootstrap import Estimate

STYLE = """
:root { color-scheme: light; --ink: #22252a; --faint: #62676f; --line: #d9dad5; --panel: #f6f6f3; --accent: #b85c00; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem 4rem; color: var(--ink); background: #fff;
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.9rem; margin: 0 0 .25rem; } h2 { font-size: 1.3rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
p { max-width: 44rem; } .faint, figcaption, caption { color: var(--faint); font-size: .9rem; }
.key { display: flex; flex-wrap: wrap; gap: 1rem; padding: 0; list-style: none; }
.key li { background: var(--panel); border-left: 4px solid var(--accent); border-radius: 4px; padding: .75rem 1rem; }
.key b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { padding: .3rem .8rem .3rem 0; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; white-space: nowrap; } td:not(:last-child) { white-space: nowrap; } td.number { text-align: right; }
figure { margin: 1rem 0; } figure img { max-width: 100%; height: auto; }
.loops { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .75rem; padding: 0; list-style: none; }
.loops li { border: 1px solid var(--line); border-radius: 6px; padding: .6rem; }
audio { width: 100%; height: 2.25rem; } blockquote { margin: .5rem 0; padding-left: 1rem; border-left: 3px solid var(--line);
  white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { audio { display: none; } }
"""  # noqa: E501


def page(title: str, body: Iterable[str]) -> str:
    """Return a whole page."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; media-src data:; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table of escaped cells; numbers are set to the right."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "\n".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def picture(svg: bytes, caption: str) -> str:
    """Return a picture inside the page."""
    source = base64.b64encode(svg).decode()
    told = escape(caption)
    return (
        f'<figure><img alt="{told}" src="data:image/svg+xml;base64,{source}"><figcaption>{told}</figcaption></figure>'
    )


def sound(flac: bytes, label: str) -> str:
    """Return a player of a sound inside the page; it goes round."""
    source = base64.b64encode(flac).decode()
    told_by = f'aria-label="{escape(label)}"'
    return f'<audio controls loop preload="none" {told_by} src="data:audio/flac;base64,{source}"></audio>'


def keys(entries: Iterable[tuple[str, str]]) -> str:
    """Return the main numbers with what they are."""
    items = "".join(f"<li><b>{escape(value)}</b> {escape(name)}</li>" for name, value in entries)
    return f'<ul class="key">{items}</ul>'


def told(value: Estimate, digits: int = 3, *, sign: bool = False, percent: bool = False) -> str:
    """Return a number with its interval as text."""
    if not np.isfinite(value.value):
        return "–"
    factor, unit = (100.0, " %") if percent else (1.0, "")
    digits = max(0, digits - 2) if percent else digits
    plus = "+" if sign else ""
    middle = f"{factor * value.value:{plus}.{digits}f}{unit}"
    if not np.isfinite(value.low):
        return middle
    return f"{middle} [{factor * value.low:{plus}.{digits}f}, {factor * value.high:{plus}.{digits}f}]"


def number(value: float, digits: int = 3) -> str:
    """Return a number as text; a dash where it is not known."""
    return f"{value:.{digits}f}" if np.isfinite(value) else "–"


def p_value(p: float) -> str:
    """Return a p-value as text."""
    if not np.isfinite(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _cell(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = str(value) if isinstance(value, int) else number(value)
        return f'<td class="number">{text}</td>'
    return f"<td>{escape(str(value))}</td>"
