"""What whoever runs a study must know stands in docs/study.md."""

from pathlib import Path

from ghostnote.cli.study import command

TEXT = (Path(__file__).parents[2] / "docs" / "study.md").read_text(encoding="utf-8")


def test_every_command_and_link_is_told_of():
    assert not [name for name in command.commands if f"ghostnote study {name}" not in TEXT]
    assert not [word for word in ("make study-demo", "/join/", "/p/", "--host", "--name") if word not in TEXT]
