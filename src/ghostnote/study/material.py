"""Looking at what a study of ratings is made of before anybody takes part: its sounds, its critics, its search."""

from __future__ import annotations

from ghostnote.critic import SavedCritic, combine_critics, load_encoder, read_critic
from ghostnote.errors import GhostnoteError, InvalidInput
from ghostnote.explore.search import SearchSettings
from ghostnote.explore.settings import SessionSettings
from ghostnote.study.design import ORIGINAL, GeneratorDesign, PreferenceDesign
from ghostnote.study.service import check_extra


def check_material(design: PreferenceDesign) -> None:
    """Raise unless everything that `design` names can be used.

    Raises:
        InvalidInput: a saved critic or a folder of sounds is of no use.
        MissingExtra: the original critic is asked for and PyTorch is not there.
    """
    if ORIGINAL in design.learners:
        check_extra("the original critic", 'set critic.kind = "product" and the arm `original` to 0')
    prior_of(design)
    try:
        settings_of(design.generator, 0, 0)
    except GhostnoteError as error:
        raise InvalidInput(f"generator: {error}") from error
    for name in design.generator.sounds:
        from ghostnote.sounds.library import open_library

        library = open_library([design.home / name])
        if not library.sounds:
            told = "; ".join(library.warnings[:3]) or "it is empty"
            raise InvalidInput(f"generator.sounds must name folders with a usable recording; got {name!r}: {told}")


def prior_of(design: PreferenceDesign) -> SavedCritic | None:
    """Return the critic that participants begin with; None for one that knows nothing.

    Raises:
        InvalidInput: a saved critic can not be used.
    """
    if not design.critic.files:
        return None
    encoder = load_encoder().sha256
    return combine_critics([read_critic(design.home / name, encoder_sha256=encoder) for name in design.critic.files])


def settings_of(generator: GeneratorDesign, seed: int, pool_seed: int) -> SessionSettings:
    """Return the settings of a session with the study's generator: everybody's sounds, and a path of its own."""
    return SessionSettings(
        seed=seed,
        pool_seed=pool_seed,
        musical=generator.musical,
        steps=generator.steps,
        rows=generator.rows,
        tempo_bpm=generator.tempo_bpm,
        swing=generator.swing,
        style=generator.style or None,
        density=generator.density,
        four_on_the_floor=generator.four_on_the_floor,
        own_sounds=generator.own_sounds,
        search=SearchSettings(algorithm=generator.algorithm, candidates=generator.candidates),  # type: ignore[arg-type]
    )
