"""The parametric models behind our own sounds, by kind: drums, metals, noises, tones. See `ghostnote.sounds.families`."""
