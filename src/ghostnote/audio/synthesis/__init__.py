"""Drum synthesis in pure numpy: designs are frozen parameters, `strike` turns one into a hit."""

from ghostnote.audio.synthesis.analogue import MetalBand, MetalBank, SweptDrum, TonedNoise
from ghostnote.audio.synthesis.cymbals import Cymbal
from ghostnote.audio.synthesis.membranes import Membrane, Wires
from ghostnote.audio.synthesis.strike import Design, strike

__all__ = ["Cymbal", "Design", "Membrane", "MetalBand", "MetalBank", "SweptDrum", "TonedNoise", "Wires", "strike"]
