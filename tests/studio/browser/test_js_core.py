"""The page's data layer in a real browser: state, outbox, requests, taps, MIDI."""

from collections.abc import Iterator
from typing import Any

import pytest
from pages_of_js import blank_page
from playwright.sync_api import Browser, BrowserContext, Page


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture(scope="module")
def shared(context: BrowserContext) -> Page:
    return blank_page(context)


@pytest.fixture
def page(shared: Page) -> Page:
    shared.evaluate("localStorage.clear()")
    return shared


STORE = "const { createStore } = await import('/js/store.js'); const { initialState } = await import('/js/state.js');"


def run(page: Page, body: str, value: Any = None) -> Any:
    return page.evaluate(f"async (given) => {{ {body} }}", value)


def test_undo_takes_back_step_by_step_and_redo_brings_again(page: Page) -> None:
    told = run(
        page,
        STORE
        + """
        const store = createStore({ limit: 60, now: () => 0 });
        for (let i = 1; i <= 70; i++) store.set('explore.controls.density', i, { undoable: true, label: `d${i}` });
        store.set('play.volume', 0.25);
        let steps = 0;
        while (store.canUndo) { store.undo(); steps++; }
        const lowest = store.get('explore.controls.density');
        while (store.canRedo) store.redo();
        const highest = store.get('explore.controls.density');
        const label = store.undo();
        store.set('groove.seed', 4, { undoable: true, label: 'seed' });
        return { steps, lowest, highest, label, volume: store.get('play.volume'), canRedo: store.canRedo };
        """,
    )
    # What is not undoable, such as the volume, stays; a new change ends the way forward.
    assert told == {"steps": 60, "lowest": 10, "highest": 70, "label": "d70", "volume": 0.25, "canRedo": False}


def test_a_drag_is_one_step(page: Page) -> None:
    told = run(
        page,
        STORE
        + """
        let now = 0;
        const store = createStore({ now: () => now });
        const drag = (label, value) => store.set('groove.amounts.timing', value, { undoable: true, label });
        for (let i = 0; i < 30; i++) { now += 100; drag('timing', i / 30); }
        now += 401; drag('timing', 0.9);
        store.endDrag(); now += 10; drag('timing', 0.8);
        now += 10; store.set('groove.seed', 1, { undoable: true, label: 'seed' });
        const labels = [];
        while (store.canUndo) labels.push([store.undo(), store.get('groove.amounts.timing')]);
        return labels;
        """,
    )
    assert told == [["seed", 0.8], ["timing", 0.9], ["timing", 29 / 30], ["timing", 1]]


def test_update_undoes_as_one_and_keys_that_were_not_there_go_again(page: Page) -> None:
    told = run(
        page,
        STORE
        + """
        const store = createStore();
        store.update((draft) => {
          draft.kit.voices.snare = { tune: 3 };
          draft.kit.name = 'deep_analogue';
          draft.groove.locks.push('kick');
        }, { undoable: true, label: 'kit' });
        const after = store.get();
        store.undo();
        return { after: after.kit, before: store.get('kit'), locks: store.get('groove.locks'), again: store.canUndo };
        """,
    )
    assert told["after"] == {"name": "deep_analogue", "voices": {"snare": {"tune": 3}}}
    assert told["before"] == {"name": "dry_acoustic", "voices": {}}
    assert told["locks"] == []
    assert told["again"] is False


def test_listeners_hear_of_what_they_asked_for(page: Page) -> None:
    told = run(
        page,
        STORE
        + """
        const store = createStore(), heard = [];
        const off = store.on('explore.controls', (value, path) => heard.push([path, value.density ?? null]));
        store.on('history', () => heard.push('history'));
        store.set('explore.controls.density', 0.5, { undoable: true, label: 'd' });
        store.set('explore.controls.density', 0.5);  // nothing new
        store.set('explore.session', 'a');
        store.set('explore', { ...store.get('explore'), controls: { density: 0.7 } });
        off();
        store.undo();
        return heard;
        """,
    )
    assert told == [["explore.controls.density", 0.5], "history", ["explore", 0.7], "history"]


@pytest.mark.parametrize("value", ["() => 1", "NaN", "new Map()", "{ a: [Infinity] }"])
def test_the_state_takes_json_alone(page: Page, value: str) -> None:
    body = f"try {{ createStore().set('explore.controls', {value}); return null; }} catch (e) {{ return e.message; }}"
    assert "explore.controls" in run(page, STORE + body)


def test_the_state_survives_a_reload_and_damage_is_set_aside(page: Page) -> None:
    told = run(
        page,
        STORE
        + """
        const first = createStore({ storage: localStorage });
        first.set('preferences.theme', 'light');
        first.flush();
        const second = createStore({ storage: localStorage });
        const text = localStorage.getItem('ghostnote-state');
        localStorage.setItem('ghostnote-state', text.slice(0, 40));
        const third = createStore({ storage: localStorage });
        const aside = Object.keys(localStorage).filter((name) => name.startsWith('ghostnote-state-damaged-'));
        localStorage.setItem('ghostnote-state', JSON.stringify({ version: 99, value: {} }));
        const fourth = createStore({ storage: localStorage });
        const odd = { play: { volume: 'loud' }, page: 'kits' };
        localStorage.setItem('ghostnote-state', JSON.stringify({ version: 1, value: odd }));
        const fifth = createStore({ storage: localStorage });
        const copy = createStore();
        copy.restore(second.serialise());
        return {
          kept: second.get('preferences.theme'), calm: second.trouble, begun: third.get('preferences.theme'),
          told: third.trouble, aside: localStorage.getItem(aside[0]), was: text.slice(0, 40), newer: fourth.trouble,
          odd: [fifth.get('play.volume'), fifth.get('page')], restored: copy.get('preferences.theme'),
        };
        """,
    )
    assert (told["kept"], told["calm"], told["begun"], told["restored"]) == ("light", None, "auto", "light")
    assert "damaged" in told["told"]
    assert told["aside"] == told["was"]
    assert "newer" in told["newer"]
    assert told["odd"] == [0.8, "kits"]


def test_undo_steps_survive_a_reload_and_what_is_damaged_is_dropped(page: Page) -> None:
    told = run(
        page,
        STORE
        + """
        const KEY = 'ghostnote-history';
        const opened = () => createStore({ storage: localStorage, now: () => 0 });
        const count = (store) => { let steps = 0; while (store.undo() !== null) steps++; return steps; };
        const first = opened();
        for (let i = 1; i <= 70; i++) first.set('groove.seed', i, { undoable: true, label: `seed ${i}` });
        first.undo();
        first.undo();
        first.flush();
        const text = localStorage.getItem(KEY);
        const second = opened();
        const labels = [second.undoLabel, second.redoLabel];
        second.redo();
        const forth = second.get('groove.seed');
        const back = [count(second), second.get('groove.seed')];
        // One step of another type, one through a prototype: they, and what lies beyond them, are dropped.
        const odd = (change) => {
          const kept = JSON.parse(text);
          Object.assign(kept.value.done[40].changes[0], change);
          localStorage.setItem(KEY, JSON.stringify(kept));
          const store = opened();
          return [count(store), store.trouble];
        };
        const odds = [odd({ before: 'many' }), odd({ path: 'groove.__proto__.x' }), odd({ path: 7 })];
        const texts = ['{', '7', JSON.stringify({ version: 1, value: { done: 'x', undone: [null] } })];
        const broken = texts.map((one) => {
          localStorage.setItem(KEY, one);
          const store = opened();
          return [store.canUndo, store.canRedo, store.trouble];
        });
        // Steps that are large, such as whole loops: as many as there is room for.
        const third = opened();
        const step = (i) => ({ undoable: true, label: `${i}` });
        const long = (i) => third.set('groove.parameters', { x: { text: `${i}`.padEnd(8000) } }, step(i));
        for (let i = 0; i < 200; i++) long(i);
        third.flush();
        return { labels, forth, back, odds, broken, size: localStorage.getItem(KEY).length, steps: count(opened()) };
        """,
    )
    assert told["labels"] == ["seed 68", "seed 69"]
    assert told["forth"] == 69
    assert told["back"] == [69, 0]
    assert told["odds"] == [[27, None]] * 3
    assert told["broken"] == [[False, False, None]] * 3
    assert told["size"] < 1_010_000
    assert told["steps"] >= 50


def test_what_can_not_be_kept_is_told_until_it_can(page: Page) -> None:
    told = run(
        page,
        STORE
        + """
        let full = false;
        const storage = {
          getItem: (name) => localStorage.getItem(name),
          setItem(name, text) {
            if (full) throw new DOMException('no room', 'QuotaExceededError');
            localStorage.setItem(name, text);
          },
        };
        const store = createStore({ storage });
        const heard = [];
        store.on('trouble', () => heard.push(store.trouble));
        const change = (volume) => { store.set('play.volume', volume); store.flush(); };
        change(0.1);
        full = true;
        change(0.2);
        change(0.3);
        full = false;
        change(0.4);
        return heard;
        """,
    )
    full, well = told
    assert "storage is full" in full
    assert "lost when the page is closed" in full
    assert well is None


# A server that remembers keys as ours does, on a bad line.
SERVER = """
const { createOutbox } = await import('/js/outbox.js');
const server = { effects: [], keys: new Set(), byKey: {}, asked: 0 };
const { ApiError } = await import('/js/requests.js');
const act = (kind, behave) => async (sid, pid, body) => {
  const { key, liked } = body ?? pid;
  server.asked++;
  const how = behave(server.asked);
  if (how === 'lost') throw new ApiError(0, 'Unreachable', 'gone');
  if (how === 'busy') throw new ApiError(503, 'Busy', 'busy');
  if (how === 'full') throw new ApiError(507, 'StorageError', 'full');
  if (how === 'refused') throw new ApiError(422, 'InvalidParameter', 'no');
  if (!server.keys.has(key)) server.effects.push(body ? `${kind} ${pid} ${liked ?? ''}` : kind);
  server.keys.add(key);
  server.byKey[key] = body ? `${kind} ${pid} ${liked ?? ''}` : kind;
  if (how === 'answer lost') throw new ApiError(0, 'Unreachable', 'gone');
  return { counts: { proposals: server.effects.length }, next: null };
};
const apiOf = (behave) => ({ rate: act('rate', behave), skip: act('skip', behave), undo: act('undo', behave) });
const pause = () => Promise.resolve();
"""


def test_ratings_count_once_and_in_order_over_a_bad_line(page: Page) -> None:
    told = run(
        page,
        SERVER
        + """
        const luck = ['lost', 'answer lost', 'busy', 'ok', 'answer lost', 'full', 'lost', 'ok', 'answer lost'];
        const outbox = createOutbox({ api: apiOf((n) => luck[n % luck.length]), storage: localStorage, pause });
        const sent = [];
        for (let i = 0; i < 20; i++) sent.push(outbox.rate('s', i, i % 2 === 0), outbox.skip('s', 100 + i));
        sent.push(outbox.undo('s'));
        const answers = await Promise.all(sent);
        outbox.close();
        return { effects: server.effects, asked: server.asked, pending: outbox.pending().length, last: answers.at(-1) };
        """,
    )
    wanted = [text for i in range(20) for text in (f"rate {i} {'true' if i % 2 == 0 else 'false'}", f"skip {100 + i} ")]
    assert told["effects"] == [*wanted, "undo"]
    assert told["asked"] > 41
    assert told["pending"] == 0
    assert told["last"]["counts"] == {"proposals": 41}


def test_a_refused_rating_is_told_and_does_not_hold_up_the_others(page: Page) -> None:
    told = run(
        page,
        SERVER
        + """
        const outbox = createOutbox({ api: apiOf((n) => (n === 1 ? 'refused' : 'ok')), storage: localStorage, pause });
        const heard = [];
        outbox.on(({ name, entry }) => heard.push(`${name} ${entry.pid}`));
        const [first, second] = await Promise.allSettled([outbox.rate('s', 1, true), outbox.rate('s', 2, true)]);
        outbox.close();
        const kept = Object.keys(localStorage).filter((name) => name.startsWith('ghostnote-outbox-refused:')).length;
        return { heard, first: first.reason.message, second: second.status, effects: server.effects, kept };
        """,
    )
    assert told["first"] == "no"
    assert told["second"] == "fulfilled"
    assert told["effects"] == ["rate 2 true"]
    assert told["kept"] == 1
    assert "refused 1" in told["heard"]
    assert "acknowledged 2" in told["heard"]


def test_what_waits_survives_a_reload(page: Page) -> None:
    # Each time the answer is lost, and the page with it: the server has had them all, once.
    run(
        page,
        SERVER
        + """
        const never = () => new Promise(() => {});
        const outbox = createOutbox({ api: apiOf(() => 'answer lost'), storage: localStorage, pause: never });
        outbox.rate('s', 1, true, 3.5); outbox.rate('s', 2, false); outbox.undo('s');
        while (!server.effects.length) await new Promise((go) => setTimeout(go, 5));
        window.before = outbox.pending();
        sessionStorage.setItem('keys', JSON.stringify([...server.keys]));
        localStorage.setItem('ghostnote-outbox:damaged', '{');
        """,
    )
    page.reload()
    told = run(
        page,
        SERVER
        + """
        server.keys = new Set(JSON.parse(sessionStorage.getItem('keys')));
        const outbox = createOutbox({ api: apiOf(() => 'ok'), storage: localStorage, pause });
        const pending = outbox.pending().map((entry) => entry.kind);
        await outbox.flush();
        outbox.close();
        return { pending, effects: server.effects, left: outbox.pending().length, keys: server.keys.size };
        """,
    )
    assert told == {"pending": ["rate", "rate", "undo"], "effects": ["rate 2 false", "undo"], "left": 0, "keys": 3}


def test_the_outbox_goes_on_at_once_when_the_server_is_back(page: Page) -> None:
    told = run(
        page,
        SERVER
        + """
        let up = false, say;
        const api = apiOf(() => (up ? 'ok' : 'lost'));
        api.onConnection = (listener) => { say = listener; return () => {}; };
        const never = () => new Promise(() => {});
        const outbox = createOutbox({ api, storage: localStorage, pause: never });
        const answered = outbox.rate('s', 1, true);
        while (!server.asked) await new Promise((go) => setTimeout(go, 5));
        await new Promise((go) => setTimeout(go, 20));
        up = true;
        say('back');
        await answered;
        outbox.close();
        return server.effects;
        """,
    )
    assert told == ["rate 1 true"]


def test_two_windows_send_what_waits_once_and_both_hear_of_it(page: Page, context: BrowserContext) -> None:
    other = context.new_page()
    other.goto(page.url)
    setup = (
        SERVER
        + "window.outbox = createOutbox({ api: apiOf(() => 'ok'), storage: localStorage }); window.server = server;"
    )
    run(page, setup)
    run(other, setup)
    rate = """
    const sent = [];
    for (let i = 0; i < 25; i++) sent.push(window.outbox.rate('s', given + i, true));
    window.answers = Promise.all(sent);
    """
    run(page, rate, 0)
    run(other, rate, 100)
    done = "return (await window.answers).length;"
    assert run(page, done) == run(other, done) == 25
    # Each window has a server of its own here, so what one sends again is known to the other's by its key alone.
    asked = [run(one, "window.outbox.close(); return window.server.byKey;") for one in (page, other)]
    other.close()
    effects = (asked[0] | asked[1]).values()
    assert sorted(effects) == sorted(f"rate {number} true" for start in (0, 100) for number in range(start, start + 25))


def test_requests_tell_kind_and_connection(page: Page) -> None:
    told = run(
        page,
        """
        const { createApi } = await import('/js/api.js');
        let up = true;
        const asked = [];
        const fetch = async (url, options) => {
          asked.push(`${options?.method ?? 'GET'} ${url}`);
          if (!up) throw new TypeError('Failed to fetch');
          if (url.includes('missing')) {
            return new Response(JSON.stringify({ error: { kind: 'NotFound', message: 'no such' } }), { status: 404 });
          }
          return Response.json({ id: 'b1', url });
        };
        const api = createApi({ fetch });
        const states = [];
        api.onConnection((state) => states.push(state));
        const first = await api.beat('b1');
        await api.beat('b1');
        const error = await api.session('missing').catch((e) => [e.status, e.kind, e.message]);
        up = false;
        const gone = await api.sessions().catch((e) => [e.status, e.kind]);
        up = true;
        while (api.connection() === 'offline') await new Promise((go) => setTimeout(go, 20));
        return { first: first.id, error, gone, states, asked: asked.filter((one) => one.includes('beats')).length };
        """,
    )
    assert told["error"] == [404, "NotFound", "no such"]
    assert told["gone"] == [0, "Unreachable"]
    assert told["states"] == ["offline", "back"]
    assert told["asked"] == 1  # a beat never changes


def test_a_job_is_followed_by_asking_where_events_break_off_and_abort_cancels_it(page: Page) -> None:
    told = run(
        page,
        """
        const { createApi } = await import('/js/api.js');
        const asked = [];
        let polls = 0;
        const fetch = async (url, options) => {
          asked.push(`${options.method} ${url}`);
          if (options.method === 'POST') return Response.json({ job: 'j' });
          if (options.method === 'DELETE') return new Response(null, { status: 204 });
          const done = ++polls >= 3;
          const result = { beats: [{ id: 'x' }] };
          return Response.json(done ? { state: 'done', result } : { state: 'running', done: polls, total: 3 });
        };
        const api = createApi({ fetch });  // events are answered with 404 here
        const progress = [];
        const beats = await api.task('humanize', {}, { onProgress: (done, total) => progress.push([done, total]) });
        polls = -1e9;
        const controller = new AbortController();
        const running = api.task('vary', {}, { signal: controller.signal });
        setTimeout(() => controller.abort(), 50);
        const name = await running.catch((error) => error.name);
        return { beats, progress, name, cancelled: asked.includes('DELETE /api/jobs/j') };
        """,
    )
    assert told == {"beats": [{"id": "x"}], "progress": [[1, 3], [2, 3]], "name": "AbortError", "cancelled": True}


def test_taps_count_from_the_downbeat_less_the_latency(page: Page) -> None:
    told = run(
        page,
        """
        const { createTapRecorder } = await import('/js/audio/taps.js');
        let now = 0, hear;
        const audio = { startClick: async () => ({ downbeat: 3000, end: 7000 }), stopClick() {} };
        const midi = { onHit: (listener) => { hear = listener; return () => {}; } };
        const recorder = createTapRecorder({ audio, midi, bpm: 120, bars: 2, latencyMs: 30, now: () => now });
        const events = [];
        recorder.on((event) => events.push(event.kind));
        const early = recorder.tap(1, 3000);
        await recorder.start();
        const taps = [2000, 3010, 3530, 6990].map((at) => recorder.tap(0.5, at));
        hear({ velocity: 0.25, timeStamp: 4030, pitch: 38, port: 'a' });
        return { early, taps, result: recorder.stop(), recording: recorder.recording, events };
        """,
    )
    taps = [-0.02, 0.5, 1.0]
    assert told["early"] is None
    # In the count-in, and at the downbeat after the last bar, nothing counts.
    assert [tap and round(tap["seconds"], 6) for tap in told["taps"]] == [None, -0.02, 0.5, None]
    assert [round(tap["seconds"], 6) for tap in told["result"]["taps"]] == taps
    assert [tap["velocity"] for tap in told["result"]["taps"]] == [0.5, 0.5, 0.25]
    assert (told["result"]["tempo_bpm"], told["result"]["metre"], told["result"]["bars"]) == (120, [4, 4], 2)
    assert told["recording"] is False
    assert told["events"][-1] == "done"


MIDI = """
const { createMidi } = await import('/js/audio/midi.js');
const sent = [];
const output = { id: 'o', name: 'DAW', state: 'connected', send: (bytes, at) => sent.push([[...bytes], at ?? null]) };
const input = { id: 'i', name: 'Pads', state: 'connected' };
const access = { inputs: new Map([['i', input]]), outputs: new Map([['o', output]]) };
const midi = createMidi({ requestAccess: async () => access, now: () => 0 });
"""


def test_midi_hits_come_in_and_notes_go_out(page: Page) -> None:
    told = run(
        page,
        MIDI
        + """
        const heard = [];
        const before = midi.outputs();
        const allowed = await midi.request();
        midi.onHit((hit) => heard.push(hit));
        const play = (data, timeStamp) => input.onmidimessage({ target: input, data, timeStamp });
        play([0x99, 38, 127], 12.5);
        play([0x99, 38, 0], 13);
        play([0x89, 38, 64], 13);
        play([0xf8], 14);
        midi.listenTo('another');
        play([0x99, 36, 64], 15);
        midi.sendNote(36, 1, 50);
        midi.sendTo('o');
        midi.sendNote(36, 0.5, 100, 20);
        return { heard, allowed, before, inputs: midi.inputs(), outputs: midi.outputs(), sent };
        """,
    )
    assert told["heard"] == [{"pitch": 38, "velocity": 1, "timeStamp": 12.5, "port": "i"}]
    assert told["allowed"] is True
    assert told["before"] == []
    assert told["inputs"] == [{"id": "i", "name": "Pads"}]
    assert told["outputs"] == [{"id": "o", "name": "DAW"}]
    assert told["sent"] == [[[0x99, 36, 64], 100], [[0x89, 36, 0], 120]]


def test_without_midi_nothing_breaks(page: Page) -> None:
    told = run(
        page,
        """
        const { createMidi } = await import('/js/audio/midi.js');
        const none = createMidi({ requestAccess: null });
        const refused = createMidi({ requestAccess: async () => { throw new DOMException('no', 'SecurityError'); } });
        none.sendNote(36, 1); none.sendStart(); none.sendTick(); none.sendStop();
        return [none.supported, await none.request(), refused.supported, await refused.request(), none.outputs()];
        """,
    )
    assert told == [False, False, True, False, []]


def test_cells_of_a_loop_read_and_change(page: Page) -> None:
    told = run(
        page,
        """
        const { cellAt, withCell, hitsOf } = await import('/js/loops.js');
        const loop = { format: 1, tempo_bpm: 120, swing: 0, seed: 0, rows: ['x-x-----', '----x---'], sounds: [],
          velocities: [[0.5, 1], [1]] };
        const more = withCell(loop, 1, 6, { velocity: 0.25, offset: -0.1 });
        const less = withCell(withCell(more, 0, 0, null), 1, 6, null);
        return { at: cellAt(loop, 0, 0), none: cellAt(loop, 0, 1), more, less, hits: hitsOf(less).length };
        """,
    )
    assert told["at"] == {"velocity": 0.5, "offset": 0}
    assert told["none"] is None
    assert told["more"]["rows"] == ["x-x-----", "----x-x-"]
    assert told["more"]["velocities"] == [[0.5, 1], [1, 0.25]]
    assert told["more"]["offsets"] == [[0, 0], [0, -0.1]]
    assert told["less"]["rows"] == ["--x-----", "----x---"]
    assert "velocities" not in told["less"]
    assert told["hits"] == 2


def test_elements_are_made_of_data_and_never_of_markup(page: Page) -> None:
    told = run(
        page,
        """
        const { h } = await import('/js/dom.js');
        let clicks = 0;
        const name = '<img src=x onerror=alert(1)>';
        const made = h('button', { class: 'a', 'aria-pressed': true, disabled: false, dataset: { row: 3 },
          style: { '--filled': '40%' }, onclick: () => clicks++ }, name, null, [h('span', null, 5)]);
        made.click();
        return { html: made.outerHTML, clicks };
        """,
    )
    assert told["clicks"] == 1
    assert told["html"] == (
        '<button class="a" aria-pressed="true" data-row="3" style="--filled: 40%;">'
        "&lt;img src=x onerror=alert(1)&gt;<span>5</span></button>"
    )


def test_json_travels_in_addresses(page: Page) -> None:
    value = {"name": "Schlag – ♪ ✓ ~~~???", "values": [0.25, -1]}
    body = """
    const { encodeBase64Url, decodeBase64Url } = await import('/js/base64url.js');
    const text = encodeBase64Url(given);
    return { text, back: decodeBase64Url(text) };
    """
    told = run(page, body, value)
    assert told["back"] == value
    assert set("+/=").isdisjoint(told["text"])
