"""What the explorer's routes take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghostnote.explore.records import Counts

Key = Annotated[str, Field(min_length=1, max_length=200)]
Json = dict[str, Any]


class Body(BaseModel):
    """What a page sends: nothing that is not known."""

    model_config = ConfigDict(extra="forbid")


class CountsText(BaseModel):
    """How many proposals there are, and what was said of them."""

    proposals: int
    liked: int
    disliked: int
    skipped: int
    unrated: int

    @classmethod
    def of(cls, counts: Counts) -> CountsText:
        """Return `counts` as a model."""
        return cls(
            proposals=counts.proposals,
            liked=counts.liked,
            disliked=counts.disliked,
            skipped=counts.skipped,
            unrated=counts.unrated,
        )


class SettingsBody(Body):
    """What a session is begun with; see `ghostnote.SessionSettings`."""

    musical: float = 0.5
    steps: int = 16
    rows: int = 4
    tempo_bpm: tuple[float, float] = (120.0, 120.0)
    swing: tuple[float, float] | None = None
    style: str | None = None
    density: float = 0.5
    four_on_the_floor: bool = False
    seed: int | None = None
    own_sounds: int = 400
    candidates: int = Field(default=1_000, ge=16, le=20_000)


class NewSession(Body):
    """A session to begin.

    `sounds` are ids of `GET /api/sounds`, or `samples`, the one-shots that were dropped. `beats` are ids of beats whose
    bars are among what is musical.
    """

    name: str | None = None
    settings: SettingsBody = SettingsBody()
    sounds: list[str] = Field(default=[], max_length=50)
    beats: list[str] = Field(default=[], max_length=500)
    warm_start: str | None = None


class NameBody(Body):
    """Another name."""

    name: str


class SessionText(BaseModel):
    """A session."""

    id: str
    name: str
    made_at: str
    changed_at: str
    counts: CountsText
    settings: Json | None = None
    problem: str | None = None


class ControlsBody(Body):
    """What the next proposal is to be like; what is left out is as the session has it."""

    musical: float | None = None
    density: float | None = None
    tempo_bpm: tuple[float, float] | None = None
    swing: tuple[float, float] | None = None
    style: str | None = None
    four_on_the_floor: bool | None = None
    target: Literal["good", "bad", "surprising", "unsure"] | None = None
    explore: float | None = None
    novelty: float | None = None
    candidates: int | None = None
    base: Json | None = None
    locked_rows: list[int] = Field(default=[], max_length=8)


class NextBody(Body):
    """Asks for the next proposal."""

    controls: ControlsBody | None = None
    fresh: bool = False


class RatingBody(Body):
    """Liked or not."""

    liked: bool
    key: Key
    heard_seconds: float | None = None


class KeyBody(Body):
    """The idempotency key of what is said."""

    key: Key


class LoopBody(Body):
    """A loop, as `encode_loop` writes it."""

    loop: Json
    session: str | None = None


class ChangeBody(LoopBody):
    """A change of one row by chance."""

    row: int
    change: Literal["swap", "mutate", "cells"]
    amount: float = Field(default=0.3, ge=0.0, le=1.0)
    seed: int = Field(default=0, ge=0, lt=2**63)


class LoopText(BaseModel):
    """What a loop is like."""

    key: str
    names: list[str]
    roles: list[str]
    gain: float
    peaks: list[float]


class ChangedLoop(LoopText):
    """A loop that was changed."""

    loop: Json


class ProposalText(LoopText):
    """A proposal; what the critic thought of it is told once the person said something."""

    id: int
    loop: Json
    origin: str
    made_at: str
    liked: bool | None
    skipped: bool
    score: float | None
    uncertainty: float | None


class Rated(BaseModel):
    """What was said is kept."""

    counts: CountsText


class Undone(BaseModel):
    """What was taken back."""

    proposal: ProposalText
    counts: CountsText


class ProposalsPage(BaseModel):
    """Some of the proposals, and how many there are of the kind."""

    items: list[ProposalText]
    total: int


class PlacedLoop(BaseModel):
    """A loop on the map."""

    id: int
    x: float
    y: float
    liked: bool | None


class PlacedSound(BaseModel):
    """A sound on the map; `liked` is the share of the rated loops with it that are liked."""

    sound: Json
    name: str
    x: float
    y: float
    liked: float | None


class TasteMap(BaseModel):
    """Where loops and sounds lie: near what sounds alike."""

    loops: list[PlacedLoop]
    sounds: list[PlacedSound]


class LearningPoint(BaseModel):
    """After so many ratings: the share liked of the last ten, and what the critic had expected of them."""

    ratings: int
    theta: float
    expected: float


class Learning(BaseModel):
    """The learning curve."""

    points: list[LearningPoint]


class ExportBody(Body):
    """What to export, and how."""

    ids: list[int] | None = Field(default=None, min_length=1, max_length=500)
    count: int = Field(default=10, ge=1, le=500)
    repeats: int = Field(default=1, ge=1, le=64)
    sample_rate_hz: int = 44_100
    stems: bool = False
    drum_map: str | None = None


class JobStarted(BaseModel):
    """Long work that began."""

    job: str


class FamilyText(BaseModel):
    """A family of sounds of ours."""

    name: str
    about: str


class PlaceOfSounds(BaseModel):
    """Recordings that sessions can be begun with: `id` is what `sounds` of a new session takes."""

    id: str
    name: str
    sounds: int
    problem: str | None = None


class SampleText(BaseModel):
    """A one-shot of the user."""

    sound: Json
    name: str
    role: str | None = None
    seconds: float | None = None


class SoundsText(BaseModel):
    """All places of sounds."""

    families: list[FamilyText]
    folders: list[PlaceOfSounds]
    found: list[PlaceOfSounds]
    samples: list[SampleText]


class WarmStartText(BaseModel):
    """A warm start that audio can be added to."""

    id: str


class HeardText(BaseModel):
    """What was heard of a file."""

    name: str
    bars: int
    tempo_bpm: float | None
    way: str
    warnings: list[str]
