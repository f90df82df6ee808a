"""The loops of a study of ratings: proposed when they are needed, kept in its database, and imagined before that."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ghostnote.explore.recording import pack
from ghostnote.explore.records import Clock
from ghostnote.loops import decode_loop, encode_loop
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import FileSound
from ghostnote.study.design import UNTRAINED
from ghostnote.study.explorers import Explorers, Proposed, Rated
from ghostnote.study.planning import ONE, TWO, WARM_UP
from ghostnote.study.steps import trial_id
from ghostnote.study.store import AnswerRow, StudyStore, TrialRow


class Proposals:
    """The loops of all participants.

    Args:
        store: of the study.
        explorers: that propose.
        bank: of the sounds of all loops.
        clock: returns the time.
    """

    def __init__(self, store: StudyStore, explorers: Explorers, bank: SoundBank, clock: Clock) -> None:
        self._store, self._explorers, self._bank, self._clock = store, explorers, bank, clock

    def propose(self, participant: str, trial: TrialRow) -> None:
        """Make the loop of a trial, if it is not there; of phase II all of them at once, for they are fixed then."""
        with self._explorers.lock(participant):
            trials, stimuli = self._store.trials(participant), self._store.stimuli(participant)
            if (trial.repeats or trial.number) in stimuli:
                return
            arms = {t.number: t.arm for t in trials}  # the untrained arm has a session, and numbers, of its own
            known = [row.proposal for at, row in stimuli.items() if row.proposal is not None and arms[at] != UNTRAINED]
            rated = self.rated(participant)
            who = self._store.number_of(participant)
            if trial.phase != TWO:
                explorer = self._explorers.learner(participant, who, trial.arm)
                self._keep(participant, {trial.number: explorer.propose(rated, known)})
                return
            for arm in dict.fromkeys(t.arm for t in trials if t.phase == TWO):
                places = [t.number for t in trials if t.phase == TWO and t.arm == arm and t.repeats is None]
                if all(place in stimuli for place in places):
                    continue
                explorer = self._explorers.of_arm(participant, who, arm)
                learned = [] if arm == UNTRAINED else rated
                taken = known if arm != UNTRAINED else []
                proposed = explorer.final(learned, taken, len(places))
                self._keep(participant, dict(zip(places, proposed, strict=True)))
            self._explorers.close(participant)

    def foreseen(self, participant: str, trial: TrialRow) -> tuple[bool, ...]:
        """Return the answers to a trial after which the next loop can be imagined, the likelier first.

        Only within one session, which the next loop comes out of, too: what other arms learn, they learn in turn.
        """
        trials = self._store.trials(participant)
        stimulus = self._store.stimuli(participant).get(trial.number)
        following = trials[trial.number] if trial.number < len(trials) else trial
        within = TWO not in (trial.phase, following.phase) and following.arm == trial.arm
        if stimulus is None or stimulus.proposal is None or not within:
            return ()
        if trial.phase == WARM_UP:
            return (True,)  # nothing is learned from it, whatever it is
        likes = (stimulus.score or 0.0) >= 0.5
        return (likes, not likes)

    def imagine(self, participant: str, trial: TrialRow, liked: bool) -> None:
        """Make the loop after a trial ahead, as if it was answered so; nothing is kept but in memory."""
        with self._explorers.lock(participant):
            answered = trial_id(trial.number) in self._store.answers(participant)
            if answered or liked not in self.foreseen(participant, trial):
                return
            proposal = self._store.stimuli(participant)[trial.number].proposal
            explorer = self._explorers.learner(participant, self._store.number_of(participant), trial.arm)
            explorer.imagine(self.rated(participant), proposal, None if trial.phase == WARM_UP else liked)

    def rated(self, participant: str) -> list[Rated]:
        """Return what a participant rated before phase II; of the warm-up nothing is to be learned."""
        trials, answers = self._store.trials(participant), self._store.answers(participant)
        stimuli = self._store.stimuli(participant)
        found = []
        for trial in trials:
            answer: AnswerRow | None = answers.get(trial_id(trial.number))
            source = trial.repeats or trial.number
            if trial.phase not in (WARM_UP, ONE) or answer is None or source not in stimuli:
                continue
            row = stimuli[source]
            liked = None if trial.phase == WARM_UP else bool(answer.value["liked"])
            found.append(Rated(trial.number, decode_loop(json.loads(row.loop)), liked, row.proposal))
        return found

    def _keep(self, participant: str, proposed: Mapping[int, Proposed]) -> None:
        recordings: dict[str, tuple[str, str, float, bytes]] = {}
        rows = []
        for number, one in proposed.items():
            for sound in one.loop.sounds:
                if isinstance(sound, FileSound) and sound.digest not in recordings:
                    recordings[sound.digest] = (sound.digest, sound.name, *pack(self._bank.audio(sound)))
            rows.append(
                {
                    "number": number,
                    "loop": json.dumps(encode_loop(one.loop), separators=(",", ":")),
                    "loop_key": one.loop.key,
                    "origin": one.origin,
                    "score": one.score,
                    "proposal": one.proposal,
                    "made_at": self._clock(),
                }
            )
        self._store.add_stimuli(participant, rows, list(recordings.values()))
