"""A study that runs: who comes in, what comes next, what was answered. Pages are a thin layer over it.

>>> study = Study.open("taste.toml")                                   # doctest: +SKIP
>>> participant = study.enrol()                                         # doctest: +SKIP
>>> step = study.next(participant)                                      # doctest: +SKIP
>>> study.answer(participant, step.id, {"agreed": True}, "key-1")       # doctest: +SKIP

Everything that is acknowledged is durable; a study can be stopped at any moment and opened again. Several participants
and several processes may be at it at once.
"""

from __future__ import annotations

import datetime
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ghostnote.audio import decode_audio
from ghostnote.errors import InvalidParameter
from ghostnote.explore.building import library_of
from ghostnote.explore.generators import Generator
from ghostnote.explore.recording import rounded, unpack
from ghostnote.explore.records import Clock, utc_now
from ghostnote.explore.session import EngineFactory
from ghostnote.explore.workshop import MOST_BYTES
from ghostnote.loops import Loop, decode_loop, play_loop
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import FileSound
from ghostnote.study.clips import LIMITS
from ghostnote.study.design import Design, PairwiseDesign, PreferenceDesign
from ghostnote.study.design_file import decode_design, read_design
from ghostnote.study.explorers import Explorers, Rated
from ghostnote.study.material import check_material, settings_of
from ghostnote.study.opening import data_folder, open_store, wav_bytes
from ghostnote.study.planning import ONE, TWO, WARM_UP, plan_pairs, plan_preference
from ghostnote.study.proposals import Proposals
from ghostnote.study.steps import (
    CONSENT,
    INSTRUCTIONS,
    PAUSE,
    SURVEY,
    THANKS,
    Step,
    checked_answer,
    checked_times,
    next_step,
    step_before,
    trial_id,
    trial_number,
    way,
)
from ghostnote.study.store import AnswerConflict, AnswerRow, StudyStore, TrialRow, UnknownParticipant
from ghostnote.study.views import OwnResult, Progress, Seen

__all__ = ["AnswerConflict", "OwnResult", "Progress", "Seen", "Study", "UnknownParticipant"]

SESSIONS = "sessions"
LOOP_REPEATS = 4
_EVENTS = ("shown", "played", "left", "returned", "sound_check")


class Study:
    """One study. Open it with `Study.open`.

    Args:
        path: of its file.
        store: its database.
        make_engine: see `open`.
        clock: returns the time.
    """

    def __init__(self, path: Path, store: StudyStore, make_engine: EngineFactory | None, clock: Clock) -> None:
        self.path, self.store = path, store
        self._begun = store.design()
        design = decode_design(self._begun, path.parent, str(path), folders=False)
        self.design: Design = design
        self._clock = clock
        self.bank = SoundBank(self._read_recording, MOST_BYTES)
        self._explorers = (
            Explorers(design, data_folder(path) / SESSIONS, self.bank, make_engine)
            if isinstance(design, PreferenceDesign)
            else None
        )
        self._proposals = None if self._explorers is None else Proposals(store, self._explorers, self.bank, clock)

    @classmethod
    def open(
        cls, path: str | os.PathLike[str], *, make_engine: EngineFactory | None = None, clock: Clock = utc_now
    ) -> Study:
        """Return the study in the file at `path`; its data are kept in a folder beside it.

        Everything that it names is checked, and clips are made, until somebody takes part; see `open_store`.

        Args:
            path: of the TOML file.
            make_engine: what proposes, as `Session.open`; Ghostnote's own if None.
            clock: returns the time of what is written.

        Raises:
            InvalidInput: the file, or what it names, can not be used.
            InvalidParameter: it changed since participants take part.
            StorageError: something can not be read or written.
        """
        place = Path(path).absolute()
        return cls(place, open_store(place, clock()), make_engine, clock)

    def check(self) -> None:
        """Look whether everybody who is still to come, or to finish, can go on; a listening test has all that it needs.

        Raises:
            InvalidInput: a folder of sounds or a critic that the study names is gone, or can not be used any more.
        """
        progress = self.progress()
        closed = progress.enough or progress.enrolled >= progress.planned
        if isinstance(self.design, PreferenceDesign) and not (closed and progress.finished == progress.enrolled):
            read_design(self.path)
            check_material(self.design)

    def enrol(self) -> str:
        """Let a participant in, and return the random id that its link holds; nothing else is known of anybody.

        Raises:
            AnswerConflict: as many as planned are there, or the stopping rule says that it is enough, or the file
                changed since the study was opened.
        """
        if self.enough():
            raise AnswerConflict("this study is complete: its stopping rule, stated beforehand, is met")
        participant = secrets.token_hex(12)
        self.store.enrol(participant, self._clock(), self.design.most_participants, self._planned, self._begun)
        return participant

    def next(self, participant: str) -> Step:
        """Return what comes next; the loop of a trial is proposed by now.

        Raises:
            UnknownParticipant: nobody has this id.
        """
        self.store.number_of(participant)
        trials, answers = self.store.trials(participant), self.store.answers(participant)
        step = next_step(self.design, trials, answers)
        number = trial_number(step.id)
        if number is not None and self._proposals is not None:
            self._proposals.propose(participant, trials[number - 1])
        return step

    def answer(
        self, participant: str, trial: str, answer: Mapping[str, Any], key: str, times: Mapping[str, Any] | None = None
    ) -> None:
        """Take an answer; when this returns, it is on disk.

        Args:
            participant: who.
            trial: id of the step.
            answer: `{"agreed": true}`, `{"heard": true}`, `{"liked": …}`, `{"text": …}`, `{"choice": …}`,
                `{"ratings": […]}`, or the survey's answers by question.
            key: of idempotency: whoever does not know whether an answer arrived sends it again with the same key.
            times: see `checked_times`.

        Raises:
            UnknownParticipant: nobody has this id.
            AnswerConflict: it is not its turn, was answered before, or `key` came with something else.
            InvalidParameter: the answer is none, or the sound was not played.
        """
        self.store.number_of(participant)
        trials = self.store.trials(participant)
        before = step_before(self.design, trials, trial)
        ids = way(self.design, trials)
        step = next_step(self.design, trials, dict.fromkeys(ids[: ids.index(trial)]))
        value = checked_answer(self.design, trials, trial, answer)
        kept = checked_times(step, times)
        if trial == PAUSE:
            self._check_pause(participant, before)
        row = AnswerRow(trial, value, key, kept, self._clock())
        self.store.add_answer(participant, row, value["answers"] if trial == SURVEY else None, before)

    def note(self, participant: str, trial: str, kind: str, data: Mapping[str, Any] | None = None) -> None:
        """Keep that something happened on a page: `shown`, `played`, `left`, `returned` or `sound_check`."""
        self.store.number_of(participant)
        if kind not in _EVENTS:
            raise InvalidParameter(f"kind must be one of {', '.join(_EVENTS)}; got {kind[:40]!r}")
        if trial not in way(self.design, self.store.trials(participant)):
            raise InvalidParameter(f"trial must be the id of a step; got {trial[:40]!r}")
        self.store.add_event(participant, trial, kind, dict(data or {}), self._clock())

    def prepare(self, participant: str) -> None:
        """Make ahead what is certain: the first loop while somebody reads, all of phase II during the pause.

        `next` waits for whatever is not there.
        """
        trials, answers = self.store.trials(participant), self.store.answers(participant)
        if self._proposals is None or not trials:
            return
        if next_step(self.design, trials, answers).id in (CONSENT, INSTRUCTIONS):
            self._proposals.propose(participant, trials[0])
            return
        learned = all(trial_id(t.number) in answers for t in trials if t.phase in (WARM_UP, ONE))
        first = next((trial for trial in trials if trial.phase == TWO), None)
        if learned and first is not None:
            self._proposals.propose(participant, first)

    def foreseen(self, participant: str, number: int) -> tuple[bool, ...]:
        """Return the answers to a trial after which the next loop can be imagined, the likelier first."""
        trial = self.store.trials(participant)[number - 1]
        return () if self._proposals is None else self._proposals.foreseen(participant, trial)

    def imagine(self, participant: str, number: int, liked: bool) -> None:
        """Make the loop after a trial ahead, as if it was liked or not: `next` gives the same loop then, but sooner."""
        if self._proposals is not None:
            self._proposals.imagine(participant, self.store.trials(participant)[number - 1], liked)

    def sound(self, participant: str, trial: str, which: int = 0, sample_rate_hz: int | None = None) -> bytes:
        """Return a sound of a step as a WAV file: a loop that goes round, or a clip.

        Args:
            participant: who.
            trial: id of a step that was reached.
            which: 0…`Step.sounds` - 1.
            sample_rate_hz: the study's if None; of loops alone.

        Raises:
            InvalidParameter: there is no such sound, or it was not reached.
        """
        self.store.number_of(participant)
        number = trial_number(trial)
        trials = self.store.trials(participant)
        answers = self.store.answers(participant)
        reached = number is not None and number <= len(trials)
        if not reached or (trial not in answers and next_step(self.design, trials, answers).id != trial):
            raise InvalidParameter(f"trial must be one that was reached; got {trial[:40]!r}")
        assert number is not None
        if isinstance(self.design, PairwiseDesign):
            plan = trials[number - 1].plan
            clips = [*plan["clips"], *([plan["reference"]] if "reference" in plan else [])]
            if not 0 <= which < len(clips):
                raise InvalidParameter(f"which must lie in 0…{len(clips) - 1}; got {which}")
            clip = decode_audio(self.store.clip_flac(clips[which]), name="the clip", limits=LIMITS)
            return wav_bytes(clip.audio, clip.sample_rate_hz)
        if which != 0:
            raise InvalidParameter(f"which must be 0; got {which}")
        rate = sample_rate_hz or self.design.playing.sample_rate_hz
        return wav_bytes(play_loop(self.loop(participant, number), self.bank, rate, repeats=LOOP_REPEATS), rate)

    def loop(self, participant: str, number: int) -> Loop:
        """Return the loop of a trial that was proposed.

        Raises:
            InvalidParameter: it was not yet.
        """
        trials = self.store.trials(participant)
        stimuli = self.store.stimuli(participant)
        source = trials[number - 1].repeats or number if 1 <= number <= len(trials) else 0
        if source not in stimuli:
            raise InvalidParameter(f"the loop of trial {number} is not proposed yet")
        return decode_loop(json.loads(stimuli[source].loop))

    def result(self, participant: str) -> OwnResult:
        """Return a participant's own result.

        Raises:
            AnswerConflict: it is not at the end yet.
        """
        from ghostnote.study.results import own_result

        trials, answers = self.store.trials(participant), self.store.answers(participant)
        if next_step(self.design, trials, answers).id != THANKS:
            raise AnswerConflict("a result can be seen when everything is answered, not before")
        return own_result(self, participant)

    def enough(self) -> bool:
        """Say whether there are as many participants as the stopping rule, stated beforehand, asks for."""
        from ghostnote.study.results import is_enough

        return is_enough(self)

    def progress(self) -> Progress:
        """Return how far everybody is. No arm is told, and nothing of what was answered."""
        seen = []
        for row in self.store.participants():
            trials, answers = self.store.trials(row.id), self.store.answers(row.id)
            step = next_step(self.design, trials, answers)
            last = max((answer.made_at for answer in answers.values()), default=row.enrolled_at)
            rated = sum(trial_number(name) is not None for name in answers)
            finished = step.id == THANKS
            seen.append(Seen(row.number, step.id, step.done, step.steps, rated, row.enrolled_at, last, finished))
        ended = sum(one.finished for one in seen)
        return Progress(self.design.most_participants, len(seen), ended, self.enough(), tuple(seen))

    def participants(self) -> tuple[str, ...]:
        """Return the ids of all participants, in the order of enrolment: they are keys to their pages."""
        return tuple(row.id for row in self.store.participants())

    def close(self) -> None:
        """Let go of what proposes; the study can be used on."""
        if self._explorers is not None:
            self._explorers.close()

    def rated(self, participant: str) -> list[Rated]:
        """Return what a participant of a study of ratings said before phase II."""
        return [] if self._proposals is None else self._proposals.rated(participant)

    def generator(self) -> Generator:
        """Return what draws fresh loops of a study of ratings."""
        if self._explorers is None:
            raise InvalidParameter("a listening test has no generator of loops; its clips are given")
        return self._explorers.generator()

    def _planned(self, number: int) -> tuple[TrialRow, ...]:
        if isinstance(self.design, PairwiseDesign):
            clips = {(row.system, row.item): row.id for row in self.store.clips()}
            return plan_pairs(self.design, clips, number)
        return plan_preference(self.design, number)

    def _check_pause(self, participant: str, before: str | None) -> None:
        last = self.store.answers(participant).get(before or "")
        if last is None:
            return  # the order is checked when the answer is added
        then, now = (datetime.datetime.fromisoformat(text) for text in (last.made_at, self._clock()))
        left = self.design.playing.pause_seconds - (now - then).total_seconds()
        if left > 0:
            raise AnswerConflict(f"the pause must last {self.design.playing.pause_seconds:g} s; {left:.0f} s are left")

    def _read_recording(self, sound: FileSound) -> Mono | None:
        kept = self.store.recording(sound.digest)
        if kept is not None:
            return unpack(*kept, sound.name)
        if not isinstance(self.design, PreferenceDesign):
            return None
        folders = tuple(str(self.design.home / name) for name in self.design.generator.sounds)
        audio = library_of(replace(settings_of(self.design.generator, 0, 0), folders=folders)).read(sound)
        return None if audio is None else rounded(audio)
