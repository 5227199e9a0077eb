"""`towpath restore`."""

from __future__ import annotations

from pathlib import Path

import click

from towpath.site.keeping.manifest import NotKept
from towpath.site.keeping.restore import restore as bring_back


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--forgotten",
    type=click.Path(exists=True, path_type=Path),
    help="A later backup, or its forgotten.json: who was forgotten since goes from this one too.",
)
@click.option(
    "--inbox-only",
    is_flag=True,
    help="A further node: records and lake are there already, shared with others.",
)
def restore(folder: Path, forgotten: Path | None, inbox_only: bool) -> None:
    """Bring the backup in FOLDER back, into a TOWPATH_HOME that is empty.

    Every file is checked before anything is written. Where the records were in PostgreSQL,
    TOWPATH_DATABASE_URL must name an empty database. Exit codes: 0 done, 2 not done.
    """
    try:
        done = bring_back(folder, forgotten, inbox_only=inbox_only)
    except OSError as error:
        raise NotKept(
            f"{error.filename or folder}: {error.strerror or error}. It was not restored."
        ) from error
    made = done.manifest
    click.echo(
        f"Restored as of {made.begun:%Y-%m-%d %H:%M:%S} UTC: "
        + ("" if inbox_only else f"{made.lake_events:,} events in the lake, ")
        + f"{made.inbox_events:,} in the inbox."
    )
    if done.forgotten_again:
        click.echo(f"Taken out again, since they had been forgotten: {done.forgotten_again:,} subjects.")
    if forgotten is None:
        click.echo(
            f"Whoever was forgotten after {made.begun:%Y-%m-%d %H:%M:%S} UTC is back. If there is a later "
            "backup, restore again, into an empty home, with --forgotten and that backup.",
            err=True,
        )


COMMANDS = (restore,)
