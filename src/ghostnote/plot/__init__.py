"""Pictures of feel and of sound.

Layer: beside `tasks`. Nothing but the command line imports it; matplotlib is loaded when a picture is drawn, and its
global state (pyplot, rcParams) is left alone.
"""

from ghostnote.plot.canvas import require_matplotlib
from ghostnote.plot.feel import plot_feel
from ghostnote.plot.sound import plot_audio

__all__ = ["plot_audio", "plot_feel", "require_matplotlib"]
