"""What workers do for the explorer: everything that needs the engine or long reading. JSON and bytes in and out."""

from __future__ import annotations

import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ghostnote.critic import read_critic, write_critic
from ghostnote.critic.encoder import load_encoder
from ghostnote.critic.warm_start import hear_audio, warm_start
from ghostnote.errors import GhostnoteError, InvalidAudio, InvalidInput, InvalidParameter
from ghostnote.explore.building import library_of
from ghostnote.explore.controls import Controls, decode_controls
from ghostnote.explore.generators import Generator
from ghostnote.explore.imagined import encode_imagined
from ghostnote.explore.packed_bars import unpack_bars
from ghostnote.explore.records import Proposal
from ghostnote.explore.session import Session
from ghostnote.explore.settings import COMMON_POOL, SessionSettings, decode_settings
from ghostnote.explore.workshop import MOST_BYTES, Workshop
from ghostnote.loops import MutationRates, decode_loop, encode_loop, mutate, with_sound
from ghostnote.midi import drum_map
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import draw_sound, mutate_sound
from ghostnote.sounds.sound import Sound, SynthSound
from ghostnote.studio.describing import describe_loop
from ghostnote.studio.importing import check_schema, forget_folders
from ghostnote.studio.samples import SampleFolder
from ghostnote.studio.worker_process import Report

_MOST_OPEN = 12
_FEWEST_CANDIDATES = 200
_LARGEST_VALUE = 1e6
"""Of an embedding: squares of what is larger would overflow."""

_open: OrderedDict[str, Session] = OrderedDict()


@cache
def _workshop() -> Workshop:
    return Workshop(SoundBank(most_bytes=MOST_BYTES))


def warm_up(arguments: Mapping[str, Any], report: Report) -> None:
    """Load and make what the first proposal of a new session needs."""
    del arguments
    settings = SessionSettings(pool_seed=COMMON_POOL)
    engine = _workshop().build_engine(settings, _workshop().bank, None, progress=report)
    engine.propose([])


def open_here(path: str, samples: str) -> Session:
    """Return the session in a file, opened once in this process; those used last stay open."""
    if path not in _open:
        session = Session.open(path, create=False, make_engine=_workshop().build_engine, bank=_workshop().bank)
        _open[path] = Session.open(
            path,
            create=False,
            make_engine=_workshop().build_engine,
            bank=_workshop().bank,
            library=SampleFolder(Path(samples), library_of(session.settings)),
        )
    _open.move_to_end(path)
    while len(_open) > _MOST_OPEN:
        _open.popitem(last=False)
    return _open[path]


def create_session(arguments: Mapping[str, Any], report: Report) -> None:
    """Begin a session that learns from audio, or plays recordings.

    Args:
        arguments: path, settings (as of `encode_settings`), sounds, critic (path of a saved one, or None), name.
        report: of progress.
    """
    report(0, 1)
    critic = None if arguments["critic"] is None else read_critic(arguments["critic"])
    settings = decode_settings(arguments["settings"])
    session = Session.open(arguments["path"], settings, sounds=arguments["sounds"], prior=critic, create=True)
    session.rename(arguments["name"])


def imagine(arguments: Mapping[str, Any], report: Report) -> dict[str, Any] | None:
    """Return what would be proposed next, and what a page needs of it.

    Args:
        arguments: path, samples, marks (what is taken to hold of the proposals), controls, share (of the candidates
            that there shall be, 0…1: less than all where many people are served at once).
        report: of progress.

    Returns:
        None if there are not as many proposals as marks: somebody else proposed meanwhile.
    """
    report(0, 1)  # where it was cancelled meanwhile, it ends here
    session = open_here(arguments["path"], arguments["samples"])
    marks = arguments["marks"]
    if len(session.marks) != len(marks):
        return None
    said: dict[str, bool | None] = {"+": True, "-": False, ".": None}
    answers = {number: said[mark] for number, mark in enumerate(marks, start=1)}
    controls = decode_controls(arguments["controls"]) if arguments.get("controls") else None
    imagined = session.imagine(answers, _lessened(controls, session.settings, arguments.get("share", 1.0)))
    if imagined.marks != marks:
        return None
    return {
        "imagined": encode_imagined(imagined),
        "text": describe_loop(imagined.candidate.loop, session.bank),
    }


def _lessened(controls: Controls | None, settings: SessionSettings, share: float) -> Controls | None:
    if share >= 1.0:
        return controls
    wished = (controls and controls.candidates) or settings.search.candidates
    return replace(controls or Controls(), candidates=min(wished, max(_FEWEST_CANDIDATES, round(share * wished))))


def add_loop(arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Make a loop a proposal; return its number and its description.

    Args:
        arguments: path, samples, loop.
        report: of progress.
    """
    report(0, 1)
    session = open_here(arguments["path"], arguments["samples"])
    proposal = session.add(decode_loop(arguments["loop"]))
    return {"id": proposal.id, "text": describe_loop(proposal.loop, session.bank)}


def describe(arguments: Mapping[str, Any], report: Report) -> list[dict[str, Any]]:
    """Return the descriptions of proposals.

    Args:
        arguments: path, samples, ids.
        report: of progress.
    """
    session = open_here(arguments["path"], arguments["samples"])
    told = []
    for done, number in enumerate(arguments["ids"]):
        report(done, len(arguments["ids"]))
        told.append(describe_loop(session.proposal(number).loop, session.bank))
    return told


def best(arguments: Mapping[str, Any], report: Report) -> list[dict[str, Any]]:
    """Return numbers and present scores of the best loops, with their descriptions.

    Args:
        arguments: path, samples, count.
        report: of progress.
    """
    report(0, 1)
    session = open_here(arguments["path"], arguments["samples"])
    return [
        {"id": p.id, "score": p.score, "uncertainty": p.uncertainty, "text": describe_loop(p.loop, session.bank)}
        for p in session.best(arguments["count"])
    ]


def change(arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Return a loop with one row changed by chance, and its description.

    Args:
        arguments: path (or None), samples, loop, row, change (`swap`, `mutate` or `cells`), amount, seed.
        report: of progress.
    """
    report(0, 1)
    loop, row, amount = decode_loop(arguments["loop"]), int(arguments["row"]), float(arguments["amount"])
    if not 0 <= row < loop.pattern.rows:
        raise InvalidParameter(f"row must lie in 0…{loop.pattern.rows - 1}; got {row}")
    path = arguments["path"]
    session = None if path is None else open_here(path, arguments["samples"])
    bank = _workshop().bank if session is None else session.bank
    rng = np.random.default_rng(arguments["seed"])
    sound = loop.sounds[row]
    if arguments["change"] == "cells":
        others = [other for other in range(loop.pattern.rows) if other != row]
        changed = mutate(loop, lambda s, _: s, rng, MutationRates(amount, 0.0), locked_rows=others)
    elif arguments["change"] == "mutate" and isinstance(sound, SynthSound):
        changed = with_sound(loop, row, mutate_sound(sound, rng, max(0.02, amount)))
    else:
        changed = with_sound(loop, row, _another(sound, None if session is None else _generator(session), rng))
    return {"loop": encode_loop(changed), **describe_loop(changed, bank)}


def export(arguments: Mapping[str, Any], report: Report) -> dict[str, str]:
    """Write loops as a zip file; return its address.

    Args:
        arguments: path, samples, to, url, and as of `Session.export`.
        report: of progress.
    """
    session = open_here(arguments["path"], arguments["samples"])
    chosen = arguments["ids"] or [p.id for p in session.best(arguments["count"])]
    report(0, len(chosen) + 1)
    known = None if arguments["drum_map"] is None else drum_map(arguments["drum_map"])
    with tempfile.TemporaryDirectory(prefix="ghostnote-") as made:
        done = session.export(
            Path(made) / "loops",
            chosen,
            repeats=arguments["repeats"],
            sample_rate_hz=arguments["sample_rate_hz"],
            stems=arguments["stems"],
            drum_map=known,
        )
        report(len(chosen), len(chosen) + 1)
        draft = Path(arguments["to"]).with_name(".draft.zip")
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in done.files:
                archive.write(done.folder / name, f"{Path(arguments['to']).stem}/{name}")
        draft.replace(arguments["to"])
    return {"download": arguments["url"]}


def check_session(arguments: Mapping[str, Any], report: Report) -> None:
    """Read a whole session file that came in; raise if it is not one of ours in every respect.

    Args:
        arguments: path.
        report: of progress.
    """
    report(0, 1)
    path = arguments["path"]
    try:
        _check(path, report)
    except GhostnoteError as error:
        raise InvalidInput(str(error).replace(path, "the session")) from error
    forget_folders(Path(path))


def _check(path: str, report: Report) -> None:
    check_schema(Path(path))
    session = Session.open(path, create=False)
    history = session.history()
    if len(history) > 100_000:
        raise InvalidInput(f"a session must have at most 100,000 proposals; got {session.counts.proposals}")
    _check_embeddings([item.proposal for item in history])
    marks = session.marks
    if len(marks) != session.counts.proposals:
        raise InvalidInput("the session is damaged: its proposals are not numbered from 1 on")
    if session.settings.bars:
        unpack_bars(session.settings.bars, session.settings.steps)
    for recording in session.recordings():
        session.bank.audio(recording)
        report(0, 1)


def _check_embeddings(proposals: Sequence[Proposal]) -> None:
    """Raise unless embeddings can be computed with: all of one encoder are of one length, and none is huge."""
    encoder = load_encoder()
    lengths = {encoder.sha256: encoder.values}
    for proposal in proposals:
        values = lengths.setdefault(proposal.encoder, len(proposal.embedding))
        if len(proposal.embedding) != values:
            raise InvalidInput(
                f"the session is damaged: the embedding of proposal {proposal.id} must have {values} values; "
                f"got {len(proposal.embedding)}"
            )
        if (largest := float(np.abs(proposal.embedding).max())) > _LARGEST_VALUE:
            raise InvalidInput(
                f"the session is damaged: the embedding of proposal {proposal.id} must lie in "
                f"±{_LARGEST_VALUE:g}; got {largest:g}"
            )


def hear(arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Return what is heard of an audio file.

    Args:
        arguments: path.
        report: of progress.

    Raises:
        InvalidAudio: it can not be used.
    """
    report(0, 1)
    heard = hear_audio([arguments["path"]])
    if not heard.files:
        raise InvalidAudio("; ".join(heard.skipped.values()).replace(arguments["path"], arguments["name"]))
    (file,) = heard.files
    return {
        "bars": len(file.embeddings),
        "tempo_bpm": file.tempo_bpm,
        "way": file.way,
        "warnings": [warning.replace(arguments["path"], arguments["name"]) for warning in file.warnings],
    }


def learn(arguments: Mapping[str, Any], report: Report) -> None:
    """Write the critic that knows what is liked from what is not.

    Args:
        arguments: like, dislike (paths), to.
        report: of progress.
    """
    report(0, 1)
    made = warm_start(arguments["like"], arguments["dislike"])
    write_critic(made.critic, arguments["to"], overwrite=True)


def _generator(session: Session) -> Generator | None:
    generator: Generator | None = getattr(session.engine, "generator", None)
    return generator


def _another(sound: Sound, generator: Generator | None, rng: np.random.Generator) -> Sound:
    """Return another sound of the same role: of the session's pool, or of ours."""
    for _ in range(20):
        if generator is not None:
            drawn: Sound = generator.draw_sound(sound, rng)
        else:
            drawn = draw_sound(rng, sound.family if isinstance(sound, SynthSound) else None)
        if drawn != sound:
            return drawn
    return sound
