"""`towpath backup`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from towpath.site.keeping.backup import back_up
from towpath.site.keeping.manifest import Manifest, NotKept


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the manifest, without the list of files.")
def backup(folder: Path, as_json: bool) -> None:
    """Copy everything into FOLDER (empty, or not there yet) while Towpath runs.

    Records, inbox and lake as of one instant, secrets, files of unfinished imports. It holds personal data
    and secrets: keep it as such. On the lake's own disk its files are hard links: copy FOLDER to another one.
    Exit codes: 0 done, 2 not done; then there is no FOLDER.
    """
    try:
        made = back_up(folder)
    except OSError as error:
        raise NotKept(
            f"{error.filename or folder}: {error.strerror or error}. No backup was made."
        ) from error
    click.echo(msgspec.json.encode(counted(made)).decode() if as_json else in_words(made, folder))


def counted(made: Manifest) -> dict[str, object]:
    """The manifest with the number of its files in place of their list."""
    told: dict[str, object] = msgspec.to_builtins(made)
    return told | {"files": len(made.files), "bytes": made.bytes}


def in_words(made: Manifest, folder: Path) -> str:
    return (
        f"Backup in {folder}: {made.lake_events:,} events in the lake (version {made.lake_version}), "
        f"{made.inbox_events:,} in the inbox, records ({made.records}), secrets; "
        f"{len(made.files):,} files, {made.bytes:,} bytes."
    )


COMMANDS = (backup,)
