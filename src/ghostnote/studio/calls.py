"""What worker processes do for the groove page: each task is one public function, on beats of the store.

Every function takes JSON `arguments` with the studio's `home`, and `report(done, total)`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ghostnote.errors import InvalidParameter
from ghostnote.groove import DrumTrack, Voice
from ghostnote.studio.beats import About, Beat, BeatStore
from ghostnote.studio.pairing import Blend
from ghostnote.studio.places import Places
from ghostnote.tasks import Amounts, compare
from ghostnote.tasks import continue_ as continue_track
from ghostnote.tasks import drumify as drumify_track
from ghostnote.tasks import generate as generate_track
from ghostnote.tasks import humanize as humanize_track
from ghostnote.tasks import infill as infill_track
from ghostnote.tasks import interpolate as interpolate_tracks
from ghostnote.tasks import transfer as transfer_track
from ghostnote.tasks import vary as vary_track
from ghostnote.tasks.additions import count_changes, count_followed
from ghostnote.tasks.pad import interpolate_pad

Arguments = dict[str, Any]
Report = Callable[[int, int], None]
Answer = dict[str, list[dict[str, Any]]]
Make = Callable[[int, Report], DrumTrack]

_SEPARATOR = " · "


def warm_up(arguments: Arguments, report: Report) -> None:
    """Load the models and play one bar with them, so that the first task of a process is as quick as the next."""
    del arguments, report
    generate_track(bars=1, seed=0)


def humanize(arguments: Arguments, report: Report) -> Answer:
    """`ghostnote.humanize` for each seed; notes stand in the order of the beat's."""
    source = _drums(arguments, "beat")

    def make(seed: int, progress: Report) -> DrumTrack:
        return humanize_track(
            source.track,
            timing=arguments["timing"],
            velocity=arguments["velocity"],
            voices={Voice(name): Amounts(**own) for name, own in arguments["voices"].items()},
            lock=_voices(arguments["lock"]),
            bars=_bars(arguments),
            style=arguments["style"],
            push_ms=arguments["push_ms"],
            keep_accents=arguments["keep_accents"],
            temperature=arguments["temperature"],
            seed=seed,
            progress=progress,
        )

    return _takes(arguments, report, make, "humanize", source, _account_of_same, same_notes=True)


def drumify(arguments: Arguments, report: Report) -> Answer:
    """`ghostnote.drumify` for each seed."""
    source = _store(arguments).find(arguments["beat"])

    def make(seed: int, progress: Report) -> DrumTrack:
        del progress
        wish = _named(arguments, "use_velocities", "fill", "style", "density", "temperature")
        return drumify_track(source.track, **wish, seed=seed)

    return _takes(arguments, report, make, "drumify", source, _account_of_following)


def infill(arguments: Arguments, report: Report) -> Answer:
    """`ghostnote.infill` for each seed."""
    source = _drums(arguments, "beat")

    def make(seed: int, progress: Report) -> DrumTrack:
        del progress
        return infill_track(
            source.track,
            voices=_voices(arguments["voices"]),
            bars=_bars(arguments),
            lock=_voices(arguments["lock"]),
            **_named(arguments, "style", "density", "temperature"),
            seed=seed,
        )

    return _takes(arguments, report, make, "infill", source, _account_of_changes)


def transfer(arguments: Arguments, report: Report) -> Answer:
    """`ghostnote.transfer` for each seed; notes stand in the order of the score's."""
    source, groove = _drums(arguments, "score"), _drums(arguments, "groove")

    def make(seed: int, progress: Report) -> DrumTrack:
        del progress
        return transfer_track(
            source.track,
            groove.track,
            lock=_voices(arguments["lock"]),
            bars=_bars(arguments),
            **_named(arguments, "timing", "velocity", "style", "temperature"),
            seed=seed,
        )

    return _takes(arguments, report, make, "transfer", source, _account_of_same, same_notes=True)


def vary(arguments: Arguments, report: Report) -> Answer:
    """`ghostnote.vary` for each seed."""
    source = _drums(arguments, "beat")

    def make(seed: int, progress: Report) -> DrumTrack:
        del progress
        return vary_track(
            source.track,
            lock=_voices(arguments["lock"]),
            bars=_bars(arguments),
            **_named(arguments, "amount", "style", "temperature"),
            seed=seed,
        )

    return _takes(arguments, report, make, "vary", source, _account_of_changes)


def continue_(arguments: Arguments, report: Report) -> Answer:
    """`ghostnote.continue_` for each seed."""
    source = _drums(arguments, "beat")

    def make(seed: int, progress: Report) -> DrumTrack:
        del progress
        return continue_track(source.track, **_named(arguments, "bars", "style", "density", "temperature"), seed=seed)

    return _takes(arguments, report, make, "continue", source, _account_of_changes)


def generate(arguments: Arguments, report: Report) -> Answer:
    """`ghostnote.generate` for each seed."""

    def make(seed: int, progress: Report) -> DrumTrack:
        del progress
        wish = _named(arguments, "bars", "style", "tempo_bpm", "density", "temperature")
        return generate_track(metre=(arguments["metre"][0], arguments["metre"][1]), **wish, seed=seed)

    return _takes(arguments, report, make, arguments["style"] or "beat", None, None)


def interpolate(arguments: Arguments, report: Report) -> Answer:
    """`ghostnote.interpolate` between two beats; `interpolate_pad` between three or four, row by row."""
    store = _store(arguments)
    ends = [store.drums(id) for id in arguments["beats"]]
    steps = arguments["steps"]
    tracks: list[DrumTrack]
    if len(ends) == 2:
        report(0, 1)
        tracks = [*interpolate_tracks(ends[0].track, ends[1].track, steps=steps)]
        corners = {0: 0, steps - 1: 1}
    else:
        four = [*ends, ends[2]][:4]
        rows = interpolate_pad([end.track for end in four], steps=steps, progress=report)
        tracks = [track for row in rows for track in row]
        corners = {0: 0, steps - 1: 1, steps * (steps - 1): 2, steps * steps - 1: len(ends) - 1}
    told = _left_out(ends)
    beats = []
    for place, track in enumerate(tracks):
        name, warnings = f"between {place + 1}/{len(tracks)}", told
        if place in corners:
            end = ends[corners[place]]
            name, warnings = end.about.name, end.about.warnings
        beats.append(store.add(track, About(name, warnings)))
    report(1, 1)
    return {"beats": [beat.describe() for beat in beats]}


def _left_out(ends: Sequence[Beat]) -> tuple[str, ...]:
    """Return what the beats between `ends` can not hold of them."""
    from ghostnote.groove.encode import encode
    from ghostnote.groove.grid import lay_grid

    unmapped = sum(end.track.voice_of(note) is None for end in ends for note in end.track.notes)
    ornaments = 0
    for end in ends:
        encoding = encode(end.track, lay_grid(end.track, "16ths"))
        ornaments += int((encoding.steps >= 0).sum() - encoding.is_main.sum())
    told = []
    if ornaments:
        told.append(f"{ornaments} notes that share a step with a louder one (flams, drags) are in the corners alone")
    if unmapped:
        told.append(f"{unmapped} notes without a voice are in the corners alone")
    return tuple(told)


def _takes(
    arguments: Arguments,
    report: Report,
    make: Make,
    task: str,
    source: Beat | None,
    account: Callable[[DrumTrack, DrumTrack], Mapping[str, Any]] | None,
    *,
    same_notes: bool = False,
) -> Answer:
    """Make one beat for each seed and keep it."""
    store, seeds = _store(arguments), arguments["seeds"]
    beats: list[Beat] = []
    for number, seed in enumerate(seeds):

        def progress(done: int, total: int, number: int = number) -> None:
            report(number * max(total, 1) + done, len(seeds) * max(total, 1))

        progress(0, 1)
        track = make(seed, progress)
        known = () if source is None else source.track.warnings
        base = "" if source is None else source.about.name.partition(_SEPARATOR)[0] + _SEPARATOR
        about = About(
            name=f"{base}{task} {seed}",
            warnings=tuple(dict.fromkeys(warning for warning in track.warnings if warning not in known)),
            source=None if source is None else source.id,
            seed=seed,
            account=None if source is None or account is None else account(source.track, track),
        )
        beats.append(store.add(track, about, like=source if same_notes else None))
    report(1, 1)
    return {"beats": [beat.describe() for beat in beats]}


def _account_of_same(before: DrumTrack, after: DrumTrack) -> Mapping[str, Any]:
    return _without_warnings(asdict(compare(before, after)))


def _account_of_changes(before: DrumTrack, after: DrumTrack) -> Mapping[str, Any]:
    told = count_changes(before, after)
    return _without_warnings(vars(told) | {"added": dict(told.added), "removed": dict(told.removed)})


def _account_of_following(before: DrumTrack, after: DrumTrack) -> Mapping[str, Any]:
    told = count_followed(before, after)
    return _without_warnings(vars(told) | {"added": dict(told.added)})


def _without_warnings(account: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in account.items() if key != "warnings"}


def amounts_of_voices(voices: Mapping[str, Mapping[str, float | None]], amount: Blend) -> dict[Voice, Blend]:
    """Return the amounts of single voices; what is not given is as for all."""
    return {
        Voice(name): Blend(
            amount.timing if own.get("timing") is None else float(own["timing"] or 0.0),
            amount.velocity if own.get("velocity") is None else float(own["velocity"] or 0.0),
        )
        for name, own in voices.items()
    }


def _store(arguments: Arguments) -> BeatStore:
    return BeatStore(Places(Path(arguments["home"])))


def _drums(arguments: Arguments, name: str) -> Beat:
    return _store(arguments).drums(arguments[name])


def _voices(names: Collection[str]) -> tuple[Voice, ...]:
    return tuple(Voice(name) for name in names)


def _bars(arguments: Arguments) -> tuple[int, int] | None:
    bars = arguments["bars"]
    if bars is not None and len(bars) != 2:
        raise InvalidParameter(f"bars must be first and last; got {bars}")
    return None if bars is None else (int(bars[0]), int(bars[1]))


def _named(arguments: Arguments, *names: str) -> dict[str, Any]:
    return {name: arguments[name] for name in names}
