"""The parametric models behind our own sounds, by kind: drums, metals, noises and tones."""
