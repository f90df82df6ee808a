"""The kits that Ghostnote ships: synthesised, ours, no samples. See docs/kits.md for what was measured on them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ghostnote.audio.kit import Kit
from ghostnote.audio.kits.deep_analogue import DEEP_ANALOGUE
from ghostnote.audio.kits.dry_acoustic import DRY_ACOUSTIC
from ghostnote.audio.kits.punchy_analogue import PUNCHY_ANALOGUE
from ghostnote.errors import InvalidParameter

KITS: Mapping[str, Kit] = MappingProxyType({kit.name: kit for kit in (DRY_ACOUSTIC, DEEP_ANALOGUE, PUNCHY_ANALOGUE)})
DEFAULT_KIT = DRY_ACOUSTIC

__all__ = ["DEEP_ANALOGUE", "DEFAULT_KIT", "DRY_ACOUSTIC", "KITS", "PUNCHY_ANALOGUE", "kit_names", "load_kit"]


def kit_names() -> tuple[str, ...]:
    """Return the names of the shipped kits, the default first."""
    return tuple(KITS)


def load_kit(name: str = DEFAULT_KIT.name) -> Kit:
    """Return the shipped kit called `name` (case and `-`/`_` do not matter).

    Raises:
        InvalidParameter: no kit has that name.
    """
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    if key not in KITS:
        raise InvalidParameter(f"kit must be one of {', '.join(KITS)}; got {name!r}")
    return KITS[key]
