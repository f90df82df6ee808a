"""What the commands that write beats share: takes and their files, sound beside them, and an account of each."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ghostnote.cli.options import FORCE, JSON
from ghostnote.cli.shell import STREAM, Meter, check_target, print_json, say, warn, write_track
from ghostnote.errors import InvalidParameter

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from ghostnote.groove import DrumTrack
    from ghostnote.tasks import Account
    from ghostnote.tasks.additions import Changes

Told = TypeVar("Told", bound="DataclassInstance")

MOST_TAKES = 999
_MIDI_ENDINGS = (".mid", ".midi")
_SOUND_ENDING = ".wav"
_SAMPLE_RATE_HZ = 44_100

_TAKES = click.option(
    "--takes",
    type=click.IntRange(1, MOST_TAKES),
    default=1,
    show_default=True,
    help="Write so many, OUT-1 and on, each of the next seed.",
)
_WAV = click.option("--wav", is_flag=True, help="Also render each, beside the MIDI file.")
_KIT = click.option("--kit", "kit_name", default=None, metavar="NAME", help="Kit for --wav, as in `ghostnote render`.")


@dataclasses.dataclass(frozen=True)
class Output:
    """Where results go, checked before any work is done.

    Args:
        targets: a file name for each result, or one `-`.
        kit_name: to render each result with; None renders nothing.
        as_json: whether to account for machines.
        force: whether files that are there may be overwritten.
    """

    targets: tuple[str, ...]
    kit_name: str | None
    as_json: bool
    force: bool

    @classmethod
    def checked(
        cls, target: str, count: int | None, *, wav: bool, kit_name: str | None, as_json: bool, force: bool
    ) -> Output:
        """Return the files that `target` stands for, none of which may be in the way.

        Args:
            target: a file name, or `-`.
            count: number of results; None writes a single one to `target` itself.
            wav, kit_name, as_json, force: as given by the user.

        Raises:
            InvalidParameter: the results can not go there.
            StorageError: a file is there already, or a folder is missing.
        """
        if kit_name is not None and not wav:
            raise InvalidParameter("--kit is the kit that --wav renders with; give --wav as well")
        if target == STREAM and (wav or count is not None):
            raise InvalidParameter("only a single MIDI file can go to stdout with '-'; give the name of a file")
        check_target(target, force=True)  # nobody writes it if there are several, but its folder must be there
        targets = (target,) if count is None else tuple(_numbered(target, i + 1) for i in range(count))
        if wav:
            from ghostnote.audio import DEFAULT_KIT, load_kit

            kit_name = load_kit(kit_name or DEFAULT_KIT.name).name
        output = cls(targets, kit_name, as_json, force)
        for name in targets:
            check_target(name, force=force)
            if wav:
                check_target(output.sound_of(name), force=force)
        return output

    def sound_of(self, target: str) -> str:
        """Return the name of the sound file beside the MIDI file `target`.

        Raises:
            InvalidParameter: both would be the same file.
        """
        path = Path(target)
        if path.suffix.lower() == _SOUND_ENDING:
            raise InvalidParameter(f"the MIDI file must not end in {_SOUND_ENDING}; got {target!r}. Call it .mid")
        stem = path.stem if path.suffix.lower() in _MIDI_ENDINGS else path.name
        return str(path.with_name(stem + _SOUND_ENDING))

    def write(
        self,
        made: Sequence[DrumTrack],
        accounts: Sequence[Told],
        settings: Mapping[str, Any],
        tell: Callable[[Told], str],
        *,
        seeds: Sequence[int] | None = None,
        said: Collection[str] = (),
    ) -> None:
        """Write one result to each target, render it if asked to, and tell what was done.

        Args:
            made: as many as there are targets.
            accounts: of each.
            settings: of all, for the account for machines.
            tell: account → words.
            seeds: of each; None where they have none of their own.
            said: warnings that the user has already read.
        """
        warn(dict.fromkeys(warning for track in made for warning in track.warnings if warning not in said))
        sounds = self._write_files(made)
        if self.as_json:
            takes = [
                {"output": target, "sound": sound} | dataclasses.asdict(account)
                for target, sound, account in zip(self.targets, sounds, accounts, strict=True)
            ]
            if seeds is not None:
                takes = [{"seed": seed} | take for seed, take in zip(seeds, takes, strict=True)]
            print_json({"settings": dict(settings), "takes": takes}, to_stderr=STREAM in self.targets)
        elif STREAM not in self.targets:
            for target, account in zip(self.targets, accounts, strict=True):
                say(f"{target}: {tell(account)}")

    def take(
        self,
        make: Callable[[int], DrumTrack],
        account: Callable[[DrumTrack], Told],
        settings: Mapping[str, Any],
        tell: Callable[[Told], str],
        *,
        seed: int,
        said: Collection[str] = (),
    ) -> None:
        """Make one take for each target, with seeds from `seed` on, then do as `write`.

        All are made before the first is written, so that an error leaves nothing behind.

        Args:
            make: seed → take.
            account: take → what was done.
            settings, tell, said: as in `write`.
            seed: of the first take.
        """
        seeds = range(seed, seed + len(self.targets))
        meter = Meter("playing")
        made: list[DrumTrack] = []
        for number in seeds:
            if made:
                meter(len(made), len(seeds))
            made.append(make(number))
        meter.end()
        self.write(made, [account(track) for track in made], settings, tell, seeds=seeds, said=said)

    def _write_files(self, made: Sequence[DrumTrack]) -> list[str | None]:
        """Write each result and its sound, which is made first, and return the names of the sounds."""
        if self.kit_name is None:
            for track, target in zip(made, self.targets, strict=True):
                write_track(track, target, force=self.force)
            return [None] * len(made)
        from ghostnote.audio import OneShots, load_kit, render, write_audio

        kit = load_kit(self.kit_name)
        one_shots = OneShots(kit, _SAMPLE_RATE_HZ)
        meter = Meter("rendering")
        names: list[str | None] = []
        for track, target in zip(made, self.targets, strict=True):
            if names:
                meter(len(names), len(made))
            rendering = render(track, kit, sample_rate_hz=_SAMPLE_RATE_HZ, one_shots=one_shots)
            write_track(track, target, force=self.force)
            name = self.sound_of(target)
            write_audio(name, rendering.audio, _SAMPLE_RATE_HZ, overwrite=self.force)
            names.append(name)
        meter.end()
        return names


def output_options(*, takes: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a command its options for results, and hands them on as one `output`.

    Args:
        takes: whether the command makes takes, from a seed; one that does not is handed the rest as `checked_output`,
            which takes their number, since only the command knows it.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def with_output(target: str, wav: bool, kit_name: str | None, as_json: bool, force: bool, **rest: Any) -> None:
            checked = functools.partial(
                Output.checked, target, wav=wav, kit_name=kit_name, as_json=as_json, force=force
            )
            if not takes:
                command(checked_output=checked, **rest)
                return
            count = rest.pop("takes")
            command(output=checked(None if count == 1 else count), **rest)

        for option in (FORCE, JSON, _KIT, _WAV, *([_TAKES] if takes else [])):
            with_output = option(with_output)
        return with_output

    return decorate


def tell_account(account: Account) -> str:
    """Return one line about a beat that kept its notes."""
    return (
        f"{account.notes_out} notes, {account.notes_moved} moved by {account.mean_absolute_shift_ms:.1f} ms "
        f"on average, {account.velocities_changed} velocities changed"
    )


def tell_changes(changes: Changes) -> str:
    """Return one line about a beat whose notes changed."""
    parts = [f"{changes.notes_out} notes"]
    if changes.notes_in:
        parts.append(f"{changes.notes_kept} kept")
    if changes.notes_changed:
        parts.append(f"{changes.notes_changed} played differently")
    if changes.notes_added:
        parts.append(f"{changes.notes_added} added ({tell_voices(changes.added)})")
    if changes.notes_removed:
        parts.append(f"{changes.notes_removed} removed ({tell_voices(changes.removed)})")
    return ", ".join(parts)


def tell_voices(counts: Mapping[str, int]) -> str:
    """Return how many notes each voice has."""
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _numbered(target: str, number: int) -> str:
    path = Path(target)
    return str(path.with_name(f"{path.stem}-{number}{path.suffix}"))
