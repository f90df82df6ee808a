"""Exploring: generators propose loops, a critic learns a person's taste, a session keeps everything."""
