"""Beats: uploaded, drawn, tapped, out of loops and demos; shown, blended, exported, rendered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from ghostnote.demos import NAMES, PLAYED, demo_path
from ghostnote.errors import InvalidMidi
from ghostnote.groove import DrumTrack
from ghostnote.midi.maps import DEFAULT_MAP
from ghostnote.studio.app import Studio, studio_of
from ghostnote.studio.beat_files import export_midi, read_beat_file
from ghostnote.studio.beat_making import Row, Tap, pattern_track, taps_track
from ghostnote.studio.beats import About, BeatStore
from ghostnote.studio.calls import amounts_of_voices
from ghostnote.studio.errors import NotFound
from ghostnote.studio.groove_bodies import (
    BeatAnswer,
    BlendBody,
    DemoAnswer,
    JobAnswer,
    LoopBeatBody,
    PatternBody,
    RenderBody,
    TapsBody,
)
from ghostnote.studio.pairing import Blend, blend_tracks
from ghostnote.studio.places import safe_name
from ghostnote.studio.uploads import MIDI_LIMIT_BYTES, read_body

router = APIRouter(prefix="/api", tags=["beats"])

StudioOf = Annotated[Studio, Depends(studio_of)]
Name = Annotated[str, Query(max_length=200)]

ABOUT_DEMOS: Mapping[str, str] = {
    "funk": "a funk beat as programmed: flat and on the grid",
    "rock": "a rock beat as programmed",
    "shuffle": "a shuffle in triplets as programmed",
    "tap": "a rhythm tapped on one pad",
    "bass": "the rhythm of a bass line",
    "pocket": "two bars of a drummer who lays back",
}
_RHYTHMS = ("tap", "bass")
_ADVICE = {
    "Name one with --channel.": "Put the drums on channel 10, or open the part as a rhythm.",
    "Name another with --track or --channel.": "For another part, leave it alone in the file.",
}


@router.post("/beats", status_code=201, response_model=BeatAnswer, openapi_extra={
    "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
})  # fmt: skip
async def upload_beat(
    request: Request,
    studio: StudioOf,
    name: Name = "beat",
    kind: Annotated[Literal["drums", "rhythm"], Query(alias="as")] = "drums",
    map: Annotated[str, Query(max_length=100)] = DEFAULT_MAP,
    channel: Annotated[int | None, Query(ge=1, le=16)] = None,
) -> Response:
    """Read a MIDI file, at most 5 MiB: its drum part, or the onsets of any part as a rhythm."""
    data = await read_body(request, MIDI_LIMIT_BYTES)

    def read() -> DrumTrack:
        try:
            track = read_beat_file(data, kind, channel=channel, map_name=checked_map(map))
        except InvalidMidi as error:
            raise InvalidMidi(_advised(str(error))) from error
        return replace(track, warnings=tuple(_advised(warning) for warning in track.warnings))

    return await _keep(studio, read, name)


@router.post("/beats/pattern", status_code=201, response_model=BeatAnswer)
async def pattern_beat(body: PatternBody, studio: StudioOf) -> Response:
    """Make a beat of what the step editor holds; steps are 16ths."""
    rows = [Row(row.voice, row.hits, row.velocities) for row in body.rows]

    def make() -> DrumTrack:
        return pattern_track(
            rows, steps_per_bar=body.steps_per_bar, bars=body.bars, tempo_bpm=body.tempo_bpm, swing=body.swing
        )

    return await _keep(studio, make, body.name)


@router.post("/beats/taps", status_code=201, response_model=BeatAnswer)
async def taps_beat(body: TapsBody, studio: StudioOf) -> Response:
    """Make a rhythm of taps; see `ghostnote.studio.beat_making.taps_track`."""
    taps = [Tap(tap.seconds, tap.velocity) for tap in body.taps]
    return await _keep(
        studio,
        lambda: taps_track(taps, tempo_bpm=body.tempo_bpm, metre=body.metre, bars=body.bars),
        body.name,
    )


@router.post("/beats/loop", status_code=201, response_model=BeatAnswer)
async def loop_beat(body: LoopBeatBody, studio: StudioOf) -> Response:
    """Make a beat of a loop, every hit with its velocity, swing and offset."""

    def make() -> DrumTrack:
        from ghostnote.explore.convert import loop_to_track, voices_of
        from ghostnote.loops.loop import decode_loop
        from ghostnote.studio.own_sounds import sound_bank

        loop = decode_loop(body.loop)
        return loop_to_track(loop, voices_of(loop, sound_bank(studio.places, body.session)), repeats=body.repeats)

    return await _keep(studio, make, body.name)


@router.post("/beats/blend", status_code=201, response_model=BeatAnswer)
async def blend_beats(body: BlendBody, studio: StudioOf) -> Response:
    """Make what lies between two beats of the same notes; `ghostnote.studio.pairing.blend_tracks` is the rule."""

    def make() -> Response:
        store = BeatStore(studio.places)
        source, result = store.drums(body.source), store.drums(body.result)
        amount = Blend(body.timing, body.velocity)
        voices = amounts_of_voices({voice: own.model_dump() for voice, own in body.voices.items()}, amount)
        blended = blend_tracks(source.track, result.track, amount, voices)
        about = About(result.about.name, result.about.warnings, source=source.id, seed=result.about.seed)
        return JSONResponse(store.add(blended, about, like=source).describe(), 201)

    return await run_in_threadpool(make)


@router.get("/beats/{id}", response_model=BeatAnswer)
def read_beat(id: str, studio: StudioOf, like: str | None = None) -> Response:
    """Return a beat; with `like`, its notes in the order of that beat's."""
    return JSONResponse(BeatStore(studio.places).find(id, like=like).describe())


@router.get("/beats/{id}/midi", response_class=Response)
def beat_midi(
    id: str,
    studio: StudioOf,
    map: Annotated[str | None, Query(max_length=100)] = None,
    name: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Give a beat as a MIDI file of type 1, with the pitches of a drum map."""
    beat = BeatStore(studio.places).find(id)
    title = name or beat.about.name
    data = export_midi(beat.track, title, None if map is None else checked_map(map))
    file = safe_name(f"{safe_name(title, 'beat').removesuffix('.mid')}.mid")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file)}"}
    return Response(data, media_type="audio/midi", headers=headers)


@router.post("/beats/{id}/render", status_code=202)
async def render_beat(id: str, body: RenderBody, studio: StudioOf) -> JobAnswer:
    """Render a beat on a kit: a sound file, or a zip with the mix and a file for each voice."""
    await run_in_threadpool(BeatStore(studio.places).find, id)
    arguments = {"home": str(studio.home), "beat": id, **body.model_dump(mode="json")}
    return JobAnswer(job=studio.workers.submit("ghostnote.studio.rendering:render_beat", arguments).id)


@router.get("/demos", response_model=list[DemoAnswer])
def demos() -> list[dict[str, str]]:
    """List the beats and rhythms that come with Ghostnote."""
    return [
        {"name": name, "about": ABOUT_DEMOS[name], "kind": "rhythm" if name in _RHYTHMS else "drums"}
        for name in (*NAMES, *PLAYED)
    ]


@router.post("/demos/{name}", status_code=201, response_model=BeatAnswer)
async def demo_beat(name: str, studio: StudioOf) -> Response:
    """Make a beat of one of them."""
    if name not in ABOUT_DEMOS:
        raise NotFound(f"demo must be one of {', '.join(ABOUT_DEMOS)}; got {name[:40]!r}")
    return await _keep(
        studio, lambda: read_beat_file(demo_path(name).read_bytes(), "rhythm" if name in _RHYTHMS else "drums"), name
    )


def checked_map(name: str) -> str:
    """Return the name of a drum map that is listed: a page may name maps, and not the paths of files.

    Raises:
        NotFound: none has that name.
    """
    from ghostnote.midi import drum_maps

    if name not in drum_maps():
        raise NotFound(f"map must be one of {', '.join(drum_maps())}; got {name[:40]!r}")
    return name


async def _keep(studio: Studio, make: Callable[[], DrumTrack], name: str) -> Response:
    """Make a beat away from the event loop, keep it, and answer with it."""

    def keep() -> dict[str, Any]:
        track = make()
        return BeatStore(studio.places).add(track, About(name, track.warnings)).describe()

    return JSONResponse(await run_in_threadpool(keep), 201)


def _advised(text: str) -> str:
    """Return what the command line would advise as advice for a page."""
    for words, instead in _ADVICE.items():
        text = text.replace(words, instead)
    return text
