"""What the groove page sends and gets, as checked data: numbers in bounds, names that exist."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ghostnote.groove import Voice
from ghostnote.studio.pairing import MOST_AMOUNT

MOST_SEEDS = 16
MOST_BARS = 64
LARGEST_SEED = 2**53 - 1  # that JavaScript counts exactly

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{12,32}$")]
Text = Annotated[str, StringConstraints(max_length=200)]
Amount = Annotated[float, Field(ge=0.0, le=MOST_AMOUNT)]
Temperature = Annotated[float, Field(ge=0.0, le=2.0)]
Density = Annotated[float, Field(ge=0.0, le=36.0)]
Tempo = Annotated[float, Field(ge=20.0, le=400.0)]
Unit = Annotated[float, Field(ge=0.0, le=1.0)]
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Seeds = Annotated[list[Seed], Field(min_length=1, max_length=MOST_SEEDS)]
Bar = Annotated[int, Field(ge=1, le=100_000)]
Bars = Annotated[list[Bar], Field(min_length=2, max_length=2, description="first and last, counted from 1")]
Metre = tuple[Annotated[int, Field(ge=1, le=64)], Literal[1, 2, 4, 8, 16]]
Voices = Annotated[list[Voice], Field(max_length=9)]


class Body(BaseModel):
    """A body; what it does not know is refused by name rather than passed over."""

    model_config = ConfigDict(extra="forbid")


class VoiceAmounts(Body):
    """Amounts of one voice; null means the amount given for all."""

    timing: Amount | None = None
    velocity: Amount | None = None


class HumanizeBody(Body):
    """For `ghostnote.humanize`."""

    beat: Id
    style: Text | None = None
    timing: Amount = 1.0
    velocity: Amount = 1.0
    voices: dict[Voice, VoiceAmounts] = {}
    lock: Voices = []
    bars: Bars | None = None
    push_ms: Annotated[float, Field(ge=-100.0, le=100.0)] = 0.0
    keep_accents: bool | None = None
    temperature: Temperature = 1.0
    seeds: Seeds = [0]


class DrumifyBody(Body):
    """For `ghostnote.drumify`."""

    beat: Id
    use_velocities: bool = True
    fill: bool | None = None
    style: Text | None = None
    density: Density | None = None
    temperature: Temperature = 1.0
    seeds: Seeds = [0]


class InfillBody(Body):
    """For `ghostnote.infill`."""

    beat: Id
    voices: Voices = []
    bars: Bars | None = None
    lock: Voices = []
    style: Text | None = None
    density: Density | None = None
    temperature: Temperature = 1.0
    seeds: Seeds = [0]


class TransferBody(Body):
    """For `ghostnote.transfer`."""

    score: Id
    groove: Id
    timing: Amount = 1.0
    velocity: Amount = 1.0
    lock: Voices = []
    bars: Bars | None = None
    style: Text | None = None
    temperature: Temperature = 1.0
    seeds: Seeds = [0]


class VaryBody(Body):
    """For `ghostnote.vary`."""

    beat: Id
    amount: Unit = 0.3
    lock: Voices = []
    bars: Bars | None = None
    style: Text | None = None
    temperature: Temperature = 1.0
    seeds: Seeds = [0]


class ContinueBody(Body):
    """For `ghostnote.continue_`."""

    beat: Id
    bars: Annotated[int, Field(ge=1, le=MOST_BARS)] = 4
    style: Text | None = None
    density: Density | None = None
    temperature: Temperature = 1.0
    seeds: Seeds = [0]


class GenerateBody(Body):
    """For `ghostnote.generate`."""

    bars: Annotated[int, Field(ge=1, le=MOST_BARS)] = 4
    style: Text | None = None
    tempo_bpm: Tempo = 120.0
    metre: Metre = (4, 4)
    density: Density | None = None
    temperature: Temperature = 1.0
    seeds: Seeds = [0]


class InterpolateBody(Body):
    """For `ghostnote.interpolate` between two beats, or a pad between three or four."""

    beats: Annotated[list[Id], Field(min_length=2, max_length=4)]
    steps: Annotated[int, Field(ge=2, le=33)] = 5


class BlendBody(Body):
    """For `ghostnote.studio.pairing.blend_tracks`."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    source: Id = Field(alias="from")
    result: Id = Field(alias="to")
    timing: Amount = 1.0
    velocity: Amount = 1.0
    voices: dict[Voice, VoiceAmounts] = {}


class PatternRow(Body):
    """One row of the step editor."""

    voice: Voice
    hits: Annotated[str, StringConstraints(pattern=r"^[x-]+$", max_length=2_048)]
    velocities: Annotated[list[Unit], Field(max_length=2_048)] | None = None


class PatternBody(Body):
    """What the step editor holds."""

    tempo_bpm: Tempo = 120.0
    steps_per_bar: Annotated[int, Field(ge=2, le=64)] = 16
    bars: Annotated[int, Field(ge=1, le=MOST_BARS)] = 1
    swing: Annotated[float, Field(ge=0.0, le=0.5)] = 0.0
    rows: Annotated[list[PatternRow], Field(min_length=1, max_length=16)]
    name: Text = "pattern"


class TapBody(Body):
    """One tap."""

    seconds: Annotated[float, Field(ge=-60.0, le=3_600.0)]
    velocity: Unit = 0.8


class TapsBody(Body):
    """A rhythm as it was tapped."""

    taps: Annotated[list[TapBody], Field(min_length=1, max_length=4_096)]
    tempo_bpm: Tempo
    metre: Metre = (4, 4)
    bars: Annotated[int, Field(ge=1, le=MOST_BARS)] = 2
    name: Text = "tapped"


class LoopBeatBody(Body):
    """A loop that becomes a beat."""

    loop: dict[str, Any]
    session: Id | None = None
    repeats: Annotated[int, Field(ge=1, le=64)] = 1
    name: Text = "loop"


class VoiceSettings(Body):
    """What is changed of one voice; see docs/kits.md."""

    tune: Annotated[float, Field(ge=-12.0, le=12.0)] = 0.0
    decay: Annotated[float, Field(ge=0.2, le=2.0)] = 1.0
    level_db: Annotated[float, Field(ge=-24.0, le=12.0)] = 0.0
    pan: Annotated[float, Field(ge=-1.0, le=1.0)] = 0.0
    sample: dict[str, Any] | None = None
    mutation: Seed | None = None


class KitSettings(Body):
    """A kit, and what is changed of its voices."""

    name: Text = "dry_acoustic"
    voices: dict[Voice, VoiceSettings] = {}


class OwnKitBody(KitSettings):
    """A kit to be kept."""

    title: Text = ""


class OwnKit(OwnKitBody):
    """A kit that is kept."""

    id: str


class RenderBody(Body):
    """How to render a beat."""

    kit: KitSettings = KitSettings()
    format: Literal["wav", "flac"] = "wav"
    stems: bool = False
    sample_rate_hz: Literal[22_050, 32_000, 44_100, 48_000, 88_200, 96_000] = 44_100
    repeats: Annotated[int, Field(ge=1, le=64)] = 1


class NoteAnswer(BaseModel):
    """One note of a beat."""

    tick: int
    pitch: int
    velocity: int
    voice: str | None
    seconds: float
    step: int | None = Field(description="index in the grid")
    offset: float | None = Field(description="fraction of a step, positive is late")


class GridAnswer(BaseModel):
    """The steps of a beat."""

    ticks: list[float]
    seconds: list[float]
    bars: list[int]
    beat: list[bool]


class BeatAnswer(BaseModel):
    """A beat. It never changes: its id is the hash of its MIDI bytes."""

    id: str
    name: str
    kind: Literal["drums", "rhythm"]
    tempo_bpm: float
    metre: tuple[int, int]
    bars: int
    ticks_per_beat: int
    duration_seconds: float
    notes: list[NoteAnswer]
    grid: GridAnswer
    warnings: list[str]
    source: str | None = None
    seed: int | None = None
    account: dict[str, Any] | None = None


class ArticulationAnswer(BaseModel):
    """A pitch with a sound of its own."""

    pitch: int
    dynamics: float


class KitVoiceAnswer(BaseModel):
    """How a voice plays."""

    voice: str
    dynamics: float
    articulations: list[ArticulationAnswer]


class ChokeAnswer(BaseModel):
    """Which voice silences which, and how."""

    closing: str
    choked: str
    seconds: float
    same_stroke_seconds: float


class KitAnswer(BaseModel):
    """A kit and the rules by which the renderer plays it; see docs/kits.md."""

    name: str
    description: str
    layers: int
    takes: int
    layer_from: list[int] = Field(description="lowest MIDI velocity of each layer")
    gain_rule: str
    shot_gain: float = Field(description="with which shots are sent")
    voices: list[KitVoiceAnswer]
    take_order: dict[str, str] = Field(description="voice: the take of each of its hits, a digit each")
    choke: ChokeAnswer


class DemoAnswer(BaseModel):
    """A beat or rhythm that comes with Ghostnote."""

    name: str
    about: str
    kind: Literal["drums", "rhythm"]


class JobAnswer(BaseModel):
    """Work that goes on: follow it at /api/jobs/{job}/events."""

    job: str
