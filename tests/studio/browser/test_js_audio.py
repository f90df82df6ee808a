"""The page's sound, sample by sample, against what the server renders and critics hear."""

import base64
from collections.abc import Iterator

import numpy as np
import pytest
from pages_of_js import BANK, blank_page, wav
from playwright.sync_api import Browser, Page

from ghostnote.audio import OneShots, Shape, load_kit, render
from ghostnote.groove import DrumTrack, Note, Voice
from ghostnote.loops.loop import Loop, encode_loop
from ghostnote.loops.pattern import Pattern
from ghostnote.loops.rendering import HIT_GAIN, frames_of, play_loop, playing_gain, render_loop
from ghostnote.midi import drum_map
from ghostnote.sounds.families import draw_pool
from ghostnote.studio.beat_view import view
from ghostnote.studio.kit_settings import describe_kits

SOUNDS = draw_pool(24, 3)

TOOLS = """
const RECORDER = `
class Recorder extends AudioWorkletProcessor {
  process([input]) {
    if (input.length) this.port.postMessage({ frame: currentFrame, samples: input.map((one) => one.slice()) });
    return true;
  }
}
registerProcessor("recorder", Recorder);
`;
window.tools = {
  api: {
    soundUrl: (sound, rate) => {
      const text = btoa(JSON.stringify(sound)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
      return `/api/sounds/audio?sound=${text}&rate=${rate}`;
    },
  },
  base64(samples) {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  },
  // An audio context whose loudspeaker is a recorder.
  async recorded(sampleRate) {
    const context = new AudioContext({ sampleRate });
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([RECORDER], { type: 'text/javascript' })));
    const recorder = new AudioWorkletNode(context, 'recorder', { channelCount: 2, channelCountMode: 'explicit' });
    const blocks = [];
    recorder.port.onmessage = ({ data }) => blocks.push(data);
    recorder.connect(context.destination);
    Object.defineProperty(context, 'destination', { value: recorder });
    // As in a page that nobody sees: far ahead, so that a busy machine does not decide a test.
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    return {
      context,
      async until(seconds) {
        const there = () => blocks.length && blocks.at(-1).frame >= seconds * sampleRate;
        while (!there()) await new Promise((go) => setTimeout(go, 20));
      },
      // Samples of one side from the context's beginning; not a number where a busy machine left the recorder out.
      side(number) {
        const whole = new Float32Array(blocks.at(-1).frame + 128).fill(NaN);
        // Chromium calls the last block before such a gap by a number that is too low.
        const sound = blocks.filter(({ frame }, i) => (blocks[i + 1]?.frame ?? frame + 128) === frame + 128);
        for (const { frame, samples } of sound) whole.set(samples[number], frame);
        return window.tools.base64(whole);
      },
    };
  },
};
"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.add_init_script(TOOLS)
    page = blank_page(context)
    page.click("button")  # the gesture that lets sound begin
    yield page
    context.close()


def draw_loop(seed: int, **changes: object) -> Loop:
    rng = np.random.default_rng(seed)
    steps, rows = int(rng.choice([8, 16, 12, 15, 32])), int(rng.integers(1, 9))
    hits = (rng.random((steps, rows)) < 0.35).astype(np.float32)
    hits[0] = 1
    pattern = Pattern(hits, hits * rng.uniform(0.1, 1, hits.shape), hits * rng.uniform(-0.5, 0.49, hits.shape))
    sounds = tuple(SOUNDS[i] for i in rng.integers(0, len(SOUNDS), rows))
    tempo, swing = float(rng.uniform(60, 200)), float(rng.uniform(0, 0.5))
    return Loop(pattern, sounds, tempo_bpm=tempo, swing=swing)


def gain_of(loop: Loop, rate: int) -> float:
    return HIT_GAIN * playing_gain(render_loop(loop, BANK, rate), rate)


def correlation_shift(whole: np.ndarray, part: np.ndarray) -> int:
    """Where in `whole` the `part` lies, to the frame, from the sound itself."""
    whole, size = np.nan_to_num(whole), len(whole) + len(part)
    return int(np.argmax(np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size)), size)[: len(whole)]))


def farthest(recorded: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference, over what was recorded."""
    missing = np.isnan(recorded)
    assert missing.mean() < 0.5
    return float(np.abs(recorded - wanted)[~missing].max())


def samples(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype=np.float32)


@pytest.mark.parametrize(("seed", "rate"), [(0, 44_100), (1, 48_000), (4, 48_000)])
def test_offline_render_is_what_the_critic_hears(page: Page, seed: int, rate: int) -> None:
    loop = draw_loop(seed)
    bars = samples(
        page.evaluate(
            """async ({ loop, gain, rate }) => {
              const { createAudio } = await import('/js/audio/player.js');
              const audio = createAudio({ api: window.tools.api });
              return window.tools.base64(await audio.renderLoopOffline(loop, gain, { bars: 3, rate }));
            }""",
            {"loop": encode_loop(loop), "gain": gain_of(loop, rate), "rate": rate},
        )
    )
    frames, heard = frames_of(loop, rate), play_loop(loop, BANK, rate)
    assert len(bars) == 3 * frames
    assert np.abs(heard).max() > 0.05
    for bar in (1, 2):
        assert np.abs(bars[bar * frames : (bar + 1) * frames] - heard).max() < 1e-5


def test_ten_minutes_of_steps_stand_where_they_should(page: Page) -> None:
    # 97.3 bpm: no step is a whole number of frames. The timer is late and uneven, and sleeps for seconds when hidden.
    loop = encode_loop(Loop(Pattern(np.ones((16, 2))), SOUNDS[:2], tempo_bpm=97.3, swing=0.21))
    told = page.evaluate(
        """async (loop) => {
          const { loopTimeline } = await import('/js/audio/timeline.js');
          const { createSequence } = await import('/js/audio/sequence.js');
          const { createClock } = await import('/js/audio/clock.js');
          const rate = 48000, heard = [];
          const page = new EventTarget();
          let now = 1000.0, late = 0;
          page.hidden = false;
          const sequence = createSequence({
            emit(hit, frame) {
              if (hit.kind === 'hit' && hit.track === 0) heard.push(frame);
              if (frame < now) late++;
              return null;
            },
            cancel() {},
          });
          let timer;
          const clock = createClock({
            now: () => now, rate, advance: sequence.advance, page,
            setTimer: (then) => (timer = then), clearTimer() {},
          });
          sequence.start(loopTimeline(loop, rate), null, 1288);
          clock.start();
          for (let i = 0; now < 600 * rate; i++) {
            page.hidden = i % 100 > 80;
            page.dispatchEvent(new Event('visibilitychange'));
            now += (page.hidden ? 1.0 : [0.025, 0.031, 0.09, 0.004][i % 4]) * rate;
            timer();
          }
          return { heard, late };
        }""",
        loop,
    )
    step = 60 / 97.3 / 4
    bar = round(16 * step * 48_000)
    number = np.arange(len(told["heard"]))
    wanted = number // 16 * bar + (number % 16 + 0.21 * (number % 2)) * step * 48_000
    assert len(number) > 3_800
    assert told["late"] == 0
    jitter = np.array(told["heard"]) - 1288 - wanted
    assert np.abs(jitter).max() <= 0.5  # frames: 0.01 ms


def test_swap_keeps_the_phase_and_plays_every_step_once(page: Page) -> None:
    rng = np.random.default_rng(8)
    hits = np.ones((16, 1), dtype=np.float32)
    early, late = (Pattern(hits, hits, sign * rng.uniform(0.1, 0.45, hits.shape)) for sign in (-1, 1))
    loops = [encode_loop(Loop(pattern, SOUNDS[:1], 120.0, 0.0)) for pattern in (early, late, Pattern(hits))]
    told = page.evaluate(
        """async (loops) => {
          const { loopTimeline } = await import('/js/audio/timeline.js');
          const { createSequence } = await import('/js/audio/sequence.js');
          const rate = 48000, heard = new Set();
          const sequence = createSequence({
            emit(hit, frame, round, segment) {
              if (hit.kind !== 'hit') return null;
              const entry = { frame, step: hit.step % 16, which: segment.payload };
              heard.add(entry);
              return entry;
            },
            cancel: (entry) => heard.delete(entry),
          });
          const lines = loops.map((loop) => loopTimeline(loop, rate));
          sequence.start(lines[0], 0, 500);
          for (let now = 0, i = 1; now < 30 * rate; now += 1200, i++) {
            sequence.advance(now, now + 0.1 * rate);
            // Some swaps come while the one before still waits for its step.
            if (i % 37 === 0 || i % 37 === 2) sequence.swap(lines[i % 3], i % 3, now, 300);
          }
          return [...heard].sort((a, b) => a.frame - b.frame);
        }""",
        loops,
    )
    steps = [entry["step"] for entry in told]
    origin = told[0]["frame"] + round(-early.offsets[0, 0] * 6000)
    offsets = (early.offsets, late.offsets, np.zeros((16, 1)))
    assert len({entry["which"] for entry in told}) == 3
    # Early and late neighbours may pass each other at a swap; by grid place every step comes once.
    places = [round((e["frame"] - origin) / 6000 - float(offsets[e["which"]][e["step"], 0])) for e in told]
    assert sorted(places) == list(range(len(places)))
    assert all(place % 16 == step for place, step in zip(places, steps, strict=True))
    exact = [origin + p * 6000 + offsets[e["which"]][p % 16, 0] * 6000 for p, e in zip(places, told, strict=True)]
    assert max(abs(e["frame"] - x) for e, x in zip(told, exact, strict=True)) <= 1


def test_what_plays_is_what_the_critic_hears_and_swaps_without_a_gap(page: Page) -> None:
    rate = 48_000
    rng = np.random.default_rng(5)
    hits = (rng.random((8, 3)) < 0.6).astype(np.float32)
    hits[0] = 1
    short = sorted(SOUNDS, key=lambda sound: len(BANK.audio(sound)))[:6]
    pattern = Pattern(hits, hits * rng.uniform(0.2, 1, hits.shape), hits * rng.uniform(-0.3, 0.4, hits.shape))
    loops = [Loop(pattern, tuple(sounds), 160.0, 0.2) for sounds in (short[:3], short[3:])]
    frames = frames_of(loops[0], rate)
    assert max(len(BANK.audio(sound, rate)) for sound in short) < 2 * frames  # so that the third bar is steady
    told = page.evaluate(
        """async ({ loops, bar, rate }) => {
          const { createAudio } = await import('/js/audio/player.js');
          const tape = await window.tools.recorded(rate);
          const audio = createAudio({ api: window.tools.api, context: tape.context });
          audio.setVolume(1);
          await audio.unlock();
          await Promise.all(loops.map((loop) => audio.prefetch(loop)));
          // The audio clock is held while the click is dealt with: a busy machine must not decide this test.
          await tape.context.suspend();
          tape.context.resume = async () => {};
          const asked = tape.context.currentTime;
          await audio.playLoop(loops[0]);
          delete tape.context.resume;
          await tape.context.resume();
          await tape.until(asked + 4.2 * bar);
          const position = audio.position();
          await audio.swap({ what: 'loop', loop: loops[1] });
          await tape.until(asked + 8.2 * bar);
          audio.stop();
          await tape.until(tape.context.currentTime + 0.2);
          const sides = [tape.side(0), tape.side(1)];
          await tape.context.close();
          return { sides, asked, position, playing: audio.playing };
        }""",
        {
            "loops": [{"loop": encode_loop(loop), "gain": gain_of(loop, rate)} for loop in loops],
            "bar": frames / rate,
            "rate": rate,
        },
    )
    left, right = (samples(side) for side in told["sides"])
    assert np.array_equal(left, right, equal_nan=True)
    start = int(np.flatnonzero(np.nan_to_num(left))[0])
    waited = left[round(told["asked"] * rate) : start]
    assert np.sum(~np.isnan(waited)) / rate < 0.015
    assert 0 <= told["position"]["fraction"] < 1
    assert told["playing"] is False
    assert farthest(left[-2_000:], np.zeros(2_000)) < 1e-5  # it stopped, and faded
    heard = [play_loop(loop, BANK, rate) for loop in loops]
    origin = correlation_shift(left, heard[0]) % frames + start // frames * frames
    origin -= frames if origin > start + frames // 2 else 0
    for bar, which in ((2, 0), (3, 0), (7, 1)):  # the swap came in the fifth
        assert farthest(left[origin + bar * frames :][:frames], heard[which]) < 1e-4


def test_hushed_rows_are_not_heard_wherever_they_lie_in_the_next_loop(page: Page) -> None:
    rate = 48_000
    rng = np.random.default_rng(6)
    hits = (rng.random((8, 3)) < 0.6).astype(np.float32)
    hits[0] = 1
    sounds = sorted(SOUNDS, key=lambda sound: len(BANK.audio(sound)))[:3]
    first, second = [0, 1, 2], [1, 2, 0]

    def loop_of(order: list[int]) -> Loop:
        velocities = np.ascontiguousarray(0.7 * hits[:, order], dtype=np.float32)
        pattern = Pattern(np.ascontiguousarray(hits[:, order]), velocities, np.zeros_like(velocities))
        return Loop(pattern, tuple(sounds[i] for i in order), 160.0, 0.0)

    loop, gain = loop_of(first), gain_of(loop_of(first), rate)
    frames = frames_of(loop, rate)
    told = page.evaluate(
        """async ({ loops, bar, rate }) => {
          const { createAudio } = await import('/js/audio/player.js');
          const tape = await window.tools.recorded(rate);
          const audio = createAudio({ api: window.tools.api, context: tape.context });
          audio.setVolume(1);
          audio.setHushed('loop', ['b']);
          await audio.unlock();
          await Promise.all(loops.map((loop) => audio.prefetch(loop)));
          const asked = tape.context.currentTime;
          await audio.playLoop(loops[0]);
          await tape.until(asked + 3.3 * bar);
          await audio.swap({ what: 'loop', loop: loops[1] });
          await tape.until(asked + 6.3 * bar);
          audio.setHushed('loop', []);
          await tape.until(asked + 9.3 * bar);
          audio.stop();
          const side = tape.side(0);
          await tape.context.close();
          return side;
        }""",
        {
            "loops": [
                {"loop": encode_loop(loop_of(order)), "gain": gain, "names": ["abc"[i] for i in order]}
                for order in (first, second)
            ],
            "bar": frames / rate,
            "rate": rate,
        },
    )
    heard = samples(told)
    start = int(np.flatnonzero(np.nan_to_num(heard))[0])
    whole, hushed = (gain * render_loop(loop_of(order), BANK, rate) / HIT_GAIN for order in (first, [0, 2]))
    origin = correlation_shift(heard, hushed) % frames + start // frames * frames
    origin -= frames if origin > start + frames // 2 else 0
    for bar, wanted in ((2, hushed), (5, hushed), (8, whole)):
        assert farthest(heard[origin + bar * frames :][:frames], wanted) < 1e-4


@pytest.mark.parametrize("hidden", [False, True])
def test_midi_ticks_and_notes_go_out_once_over_swaps_and_end_with_stop(page: Page, hidden: bool) -> None:
    # One kick at the beginning of each step; loops of 16 and 8 steps at 97.3 bpm, where few ticks are a whole frame.
    loops = [encode_loop(Loop(Pattern(np.ones((steps, 1))), SOUNDS[:1], 97.3, 0.0)) for steps in (16, 8)]
    told = page.evaluate(
        """async ({ loops, hidden }) => {
          const { createAudio } = await import('/js/audio/player.js');
          const { createMidi } = await import('/js/audio/midi.js');
          const context = new AudioContext({ sampleRate: 48000 });
          Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
          // Both clocks are the test's own: a busy machine must not decide it.
          let now = 1, timer;
          Object.defineProperty(context, 'currentTime', { get: () => now });
          context.getOutputTimestamp = () => ({ contextTime: now - 0.02, performanceTime: 1000 * now });
          const own = { setInterval: window.setInterval, now: performance.now };
          const sent = [];
          const output = { id: 'o', name: 'DAW', state: 'connected', send: ([kind], at) => sent.push([kind, at]) };
          const midi = createMidi({
            requestAccess: async () => ({ inputs: new Map(), outputs: new Map([['o', output]]) }),
          });
          await midi.request();
          midi.sendTo('o');
          const audio = createAudio({ api: window.tools.api, context });
          audio.useMidi(midi, { clock: true });
          const whole = loops.map((loop) => ({ loop, gain: 1, roles: ['kick'] }));
          await Promise.all(whole.map((loop) => audio.prefetch(loop)));
          window.setInterval = (then) => (timer = then);
          performance.now = () => 1000 * now;
          try {
            const run = (seconds) => {
              for (const end = now + seconds; now < end; timer()) now += hidden ? 1 : 0.025;
            };
            await audio.playLoop(whole[0]);
            run(1);
            for (let i = 1; i <= 8; i++) {
              await audio.swap({ what: 'loop', loop: whole[i % 2] });
              if (i % 3 === 0) await audio.swap({ what: 'loop', loop: whole[i % 2] }); // the one before waits
              run(0.9 + 0.037 * i);
            }
            const before = sent.length, stopped = 1000 * now;
            audio.stop();
            run(3);
            return { sent, after: sent.slice(before), stopped };
          } finally {
            window.setInterval = own.setInterval;
            performance.now = own.now;
            await context.close();
          }
        }""",
        {"loops": loops, "hidden": hidden},
    )
    beat = 60_000 / 97.3
    times = {kind: np.array([at for one, at in told["sent"] if one == kind]) for kind in (0xF8, 0xFA, 0xFC, 0x99, 0x89)}
    ticks, begun, ended, on, off = times.values()
    assert (len(begun), len(ended)) == (1, 1)
    assert begun[0] == ticks[0]
    # Neither lost nor doubled, the first to the last: 24 a beat, 4 notes a beat.
    assert len(ticks) > 24 * 12
    assert np.abs(np.sort(ticks) - begun[0] - np.arange(len(ticks)) * beat / 24).max() < 0.5
    assert np.abs(np.sort(on) - begun[0] - np.arange(len(on)) * beat / 4).max() < 0.5
    assert np.allclose(off, on + 60)
    # Stop comes last of all but the note-offs, and soon.
    assert told["after"] == [[0xFC, ended[0]]]
    assert ended[0] >= max(ticks.max(), on.max())
    assert ended[0] - told["stopped"] < (1_230 if hidden else 90)


def test_a_beat_plays_as_the_renderer_does(browser: Browser) -> None:
    rate, kit = 48_000, load_kit("dry_acoustic")
    pattern = {36: (0, 6, 8), 38: (4, 12), 42: (0, 2, 4, 9, 12), 46: (6, 10, 14), 37: (3,)}
    strikes = sorted((step * 120 + pitch % 7, pitch) for pitch, steps in pattern.items() for step in steps)
    notes = [Note(tick, pitch, 20 + 9 * (i % 6)) for i, (tick, pitch) in enumerate(strikes)]
    again = [Note(note.tick + 1_920, note.pitch, note.velocity) for note in notes]
    once, twice = (DrumTrack(tuple(played), 480, drum_map()) for played in (notes, [*notes, *again]))
    shots = OneShots(kit, rate)

    def shot(query: dict[str, str]) -> bytes:
        pitch = int(query["pitch"]) if "pitch" in query else None
        return wav(0.5 * shots.sound(Voice(query["voice"]), int(query["layer"]), int(query["take"]), pitch), rate)

    context = browser.new_context()
    context.add_init_script(TOOLS)
    page = blank_page(context, shot)
    page.click("button")
    told = page.evaluate(
        """async ({ beat, twice, kits, rate }) => {
          const { createAudio } = await import('/js/audio/player.js');
          const { createApi } = await import('/js/api.js');
          const tape = await window.tools.recorded(rate);
          const audio = createAudio({ api: { ...createApi(), kits: async () => kits }, context: tape.context });
          const kit = { name: 'dry_acoustic', voices: { snare: { level_db: -6, pan: 0.5 } } };
          audio.setVolume(1);
          await audio.unlock();
          await audio.prefetchBeat(beat, kit);
          await audio.prefetchBeat(twice, kit);  // the takes of its second round too
          await audio.playBeat(beat, { kit });
          const asked = tape.context.currentTime;
          await tape.until(asked + 2 * beat.duration_seconds + 0.3);
          audio.stop();
          const sides = [tape.side(0), tape.side(1)];
          await tape.context.close();
          return sides;
        }""",
        {
            "beat": {"id": "0", "name": "", "warnings": [], **view(once, "drums")},
            "twice": {"id": "1", "name": "", "warnings": [], **view(twice, "drums")},
            "kits": describe_kits(),
            "rate": rate,
        },
    )
    context.close()
    played = np.stack([samples(side) for side in told], axis=1)
    shaped = kit.shaped({Voice.SNARE: Shape(level_db=-6.0, pan=0.5)})
    wanted = render(twice, shaped, sample_rate_hz=rate, loudness_lufs=None, ceiling_dbfs=0.0)
    assert wanted.limited_db == 0.0
    bar = 2 * rate
    second = wanted.audio[bar : 2 * bar]  # other takes than the first, and open hats cut by its closed ones
    assert np.abs(second).max() > 0.1
    shift = correlation_shift(played[:, 0], second[:, 0])
    assert farthest(played[shift : shift + bar], second) < 1e-4
