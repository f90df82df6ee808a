"""Sound: synthesised kits, a renderer, a limiter, loudness, and audio files. See docs/kits.md."""

from ghostnote.audio.comparison import Comparison, join_to_compare, render_comparison
from ghostnote.audio.files import AudioClip, AudioLimits, decode_audio, read_audio, write_audio
from ghostnote.audio.kit import Channel, Kit, OneShots
from ghostnote.audio.kits import DEFAULT_KIT, KITS, kit_names, load_kit
from ghostnote.audio.limiter import limit, true_peak_dbfs
from ghostnote.audio.loudness import integrated_loudness_lufs
from ghostnote.audio.measure import SoundMeasures, measure_sound
from ghostnote.audio.render import Rendering, render
from ghostnote.audio.room import Room
from ghostnote.audio.shaping import Sample, Shape, balance

__all__ = [
    "DEFAULT_KIT",
    "KITS",
    "AudioClip",
    "AudioLimits",
    "Channel",
    "Comparison",
    "Kit",
    "OneShots",
    "Rendering",
    "Room",
    "Sample",
    "Shape",
    "SoundMeasures",
    "balance",
    "decode_audio",
    "integrated_loudness_lufs",
    "join_to_compare",
    "kit_names",
    "limit",
    "load_kit",
    "measure_sound",
    "read_audio",
    "render",
    "render_comparison",
    "true_peak_dbfs",
    "write_audio",
]
