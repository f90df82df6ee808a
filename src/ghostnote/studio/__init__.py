"""The studio: a server on this machine over the Python functions, and its page. See docs/studio-server.md."""
