"""Ghostnote."""
