"""The studio: a local server over Ghostnote's Python functions, and the page that it serves. See docs/studio-server.md."""
