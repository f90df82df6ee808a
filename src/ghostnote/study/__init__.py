"""Studies: how people rate what was proposed, and what is told of it. See docs/study.md."""
