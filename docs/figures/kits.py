"""Measure the shipped kits, beside recorded drums where they are at hand, and redraw docs/figures/kits.png.

    python docs/figures/kits.py [FOLDER_OF_RECORDED_DRUMS]

The folder is that of Debian's package `sonic-pi-samples` (CC0). With it, the tables in docs/kits.md between the marks
are written anew; without it the figure lacks its first row and the tables stay as they are.
"""

from __future__ import annotations

import io
import sys
from math import gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly, stft

from ghostnote.audio import (
    KITS,
    AudioLimits,
    Kit,
    OneShots,
    integrated_loudness_lufs,
    measure_sound,
    read_audio,
    render,
)
from ghostnote.groove import VOICES, DrumMap, DrumTrack, Note, Voice

RATE = 44_100
HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "kits.md"
RECORDED: dict[Voice, tuple[str, ...]] = {
    Voice.KICK: ("drum_bass_hard", "drum_bass_soft", "bd_haus", "bd_boom"),
    Voice.SNARE: ("drum_snare_hard", "drum_snare_soft", "sn_zome", "sn_dolf"),
    Voice.CLOSED_HIHAT: ("drum_cymbal_closed", "drum_cymbal_pedal"),
    Voice.OPEN_HIHAT: ("drum_cymbal_open",),
    Voice.LOW_TOM: ("drum_tom_lo_hard", "drum_tom_lo_soft"),
    Voice.MID_TOM: ("drum_tom_mid_hard", "drum_tom_mid_soft"),
    Voice.HIGH_TOM: ("drum_tom_hi_hard", "drum_tom_hi_soft"),
    Voice.CRASH: ("drum_splash_hard", "drum_splash_soft"),
    Voice.RIDE: ("drum_cymbal_hard", "drum_cymbal_soft"),
}
PITCHES = dict(zip(VOICES, (36, 38, 42, 46, 43, 47, 50, 49, 51), strict=True))
SHOWN_SECONDS = {Voice.KICK: 0.5, Voice.SNARE: 0.4, Voice.CLOSED_HIHAT: 0.25, Voice.OPEN_HIHAT: 1.2, Voice.CRASH: 2.0}


def recorded(folder: Path, name: str) -> NDArray[np.float32]:
    """Return a recorded drum in mono at `RATE`."""
    clip = read_audio(folder / f"{name}.flac", limits=AudioLimits(seconds=60))
    mono = clip.audio.mean(axis=1)
    common = gcd(clip.sample_rate_hz, RATE)
    return resample_poly(mono, RATE // common, clip.sample_rate_hz // common).astype(np.float32)


def row(name: str, sound: NDArray[np.float32]) -> str:
    """Return a sound's line of the table."""
    m = measure_sound(sound, RATE)
    return (
        f"| {name} | {m.centroid_hz:,.0f} | {m.strongest_hz:,.0f} | {m.decay20_seconds * 1e3:,.0f} "
        f"| {m.decay40_seconds * 1e3:,.0f} |"
    )


def sounds_table(folder: Path) -> str:
    """Return every sound's measures as a table."""
    lines = ["| sound | centroid, Hz | strongest, Hz | to −20 dB, ms | to −40 dB, ms |", "|---|---|---|---|---|"]
    shots = {name: OneShots(kit, RATE) for name, kit in KITS.items()}
    for voice in VOICES:
        lines.append(f"| **{voice.replace('_', ' ')}** | | | | |")
        lines += [row(f"recorded: {name}", recorded(folder, name)) for name in RECORDED[voice]]
        for name, made in shots.items():
            for velocity in (127, 70, 30):
                sound = made.sound(voice, made.kit.layer_of(velocity), 0)
                lines.append(row(f"{name}, velocity {velocity}", sound))
    return "\n".join(lines)


def beat() -> DrumTrack:
    """Return eight bars of a rock beat with ghost notes and a fill, as the balance is judged on."""
    notes = []
    for bar in range(8):
        hits = [(0, Voice.KICK, 112), (6, Voice.KICK, 98), (10, Voice.KICK, 106), (4, Voice.SNARE, 112)]
        hits += [(7, Voice.SNARE, 32), (9, Voice.SNARE, 30), (15, Voice.SNARE, 34), (14, Voice.OPEN_HIHAT, 90)]
        hits += [(step, Voice.CLOSED_HIHAT, 95 if step % 4 == 0 else 72) for step in range(0, 14, 2)]
        if bar < 7:
            hits.append((12, Voice.SNARE, 114))
        else:
            hits += [(12, Voice.HIGH_TOM, 105), (13, Voice.MID_TOM, 105), (14, Voice.LOW_TOM, 110)]
        if bar == 0:
            hits.append((0, Voice.CRASH, 115))
        notes += [Note(bar * 1_920 + step * 120, PITCHES[voice], velocity) for step, voice, velocity in hits]
    drum_map = DrumMap("nine", {pitch: voice for voice, pitch in PITCHES.items()}, PITCHES)
    return DrumTrack(tuple(sorted(notes, key=lambda note: note.tick)), 480, drum_map)


def balance_table() -> str:
    """Return the loudness of each stem as a table."""
    lines = ["| stem of an 8-bar rock beat, LUFS | " + " | ".join(KITS) + " |", "|---" * (len(KITS) + 1) + "|"]
    made = {name: render(beat(), kit, stems=True) for name, kit in KITS.items()}
    for voice in VOICES:
        if voice is Voice.RIDE:
            continue
        levels = [integrated_loudness_lufs((made[name].stems or {})[voice], RATE) for name in KITS]
        lines.append(f"| {voice.replace('_', ' ')} | " + " | ".join(f"{level:.1f}" for level in levels) + " |")
    whole = [
        f"{r.loudness_lufs:.1f} (true peak {r.true_peak_dbfs:.1f} dB, limiter {r.limited_db:.1f} dB)"
        for r in made.values()
    ]
    lines.append("| **mix** | " + " | ".join(whole) + " |")
    return "\n".join(lines)


def spectrogram(sound: NDArray[np.float32], seconds: float) -> NDArray[np.float64]:
    """Return dB `(rows, columns)` over log frequency from 40 Hz to 18 kHz."""
    frames = round(seconds * RATE)
    mono = np.zeros(frames + 2_048)
    cut = sound[:frames]
    mono[: len(cut)] = cut
    fine = stft(mono, RATE, nperseg=512, noverlap=512 - 64)
    coarse = stft(mono, RATE, nperseg=4_096, noverlap=4_096 - 64)
    rows = np.geomspace(40, 18_000, 150)
    t = np.linspace(0, seconds, 190)
    # A long window for the lows, a short one for the highs, one passing into the other around 450 Hz: each resolves
    # what there is to see.
    image = np.empty((len(rows), len(t)))
    for i, hertz in enumerate(rows):
        share = float(np.clip(np.log2(hertz / 250) / np.log2(800 / 250), 0, 1))
        parts = []
        for (f, at, spectrum), size in ((coarse, 4_096), (fine, 512)):
            parts.append(np.interp(t, at, np.abs(spectrum[int(np.abs(f - hertz).argmin())]) ** 2 * size))
        image[i] = np.sqrt((1 - share) * parts[0] + share * parts[1])
    return 20 * np.log10(image / image.max() + 1e-6)


def draw(folder: Path | None) -> None:
    """Draw all voices of all kits, recorded drums first where there are any."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    sources: list[tuple[str, Kit | None]] = [(name.replace("_", " "), kit) for name, kit in KITS.items()]
    if folder:
        sources.insert(0, ("recorded drums", None))
    figure = Figure(figsize=(15, 1.62 * len(sources) + 0.5), dpi=100, facecolor="white")
    axes = figure.subplots(len(sources), len(VOICES), squeeze=False)
    for number, ((name, kit), line) in enumerate(zip(sources, axes, strict=True)):
        shots = OneShots(kit, RATE) if kit else None
        for voice, axis in zip(VOICES, line, strict=True):
            seconds = SHOWN_SECONDS.get(voice, 1.2 if voice is Voice.RIDE else 0.8)
            if shots:
                sound = shots.sound(voice, shots.kit.velocity_layers - 1, 0).mean(axis=1)
            else:
                assert folder is not None
                sound = recorded(folder, RECORDED[voice][0])
                sound = sound[int(np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max())[0]) :]
            axis.imshow(
                spectrogram(sound, seconds), origin="lower", aspect="auto", cmap="magma", vmin=-70, vmax=0,
                extent=(0, seconds, 0, 150),
            )  # fmt: skip
            at = [np.interp(np.log(mark), np.log([40, 18_000]), [0, 150]) for mark in (100, 1_000, 10_000)]
            axis.set_yticks(at, ["100", "1k", "10k"] if voice is VOICES[0] else [])
            axis.set_xticks([seconds], [f"{seconds:g} s"] if number == len(sources) - 1 else [], ha="right")
            axis.tick_params(labelsize=7, length=2, colors="#6f747c")
            if number == 0:
                axis.set_title(voice.replace("_", " "), fontsize=10, color="#22252a")
        line[0].set_ylabel(name, fontsize=10, color="#22252a", fontweight="bold")
    figure.subplots_adjust(
        left=0.045, right=0.995, top=1 - 0.3 / figure.get_figheight(), bottom=0.07, wspace=0.06, hspace=0.09
    )
    FigureCanvasAgg(figure)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None})
    # A palette of 160 colours is a quarter of the size and looks the same.
    Image.open(picture).convert("RGB").quantize(160, dither=Image.Dither.NONE).save(HERE / "kits.png", optimize=True)


def main() -> None:
    """Redraw the figure; with recorded drums at hand, write the tables anew."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    draw(folder)
    if folder is None:
        return
    page = PAGE.read_text()
    for mark, table in (("sounds", sounds_table(folder)), ("balance", balance_table())):
        begin, end = f"<!-- {mark}: written by docs/figures/kits.py -->\n", f"<!-- end of {mark} -->"
        before, rest = page.split(begin)
        page = before + begin + table + "\n" + end + rest.split(end)[1]
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
