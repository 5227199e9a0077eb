"""`towpath manual`: every command with its options, as `docs/commands.md` keeps it."""

from __future__ import annotations

from collections.abc import Iterator

import click

WIDTH = 100
HEAD = """# Commands

Made by `make snapshots` from the commands themselves.
Exit codes: 0 done, 1 done with refused records, 2 not done.
"""


def manual(group: click.Group) -> str:
    """All commands of the group in Markdown, in the order of the alphabet, groups before what they hold."""
    sections = [f"## {name}\n\n```text\n{text}\n```\n" for name, text in _helped(group, "towpath")]
    return "\n".join([HEAD, *sections])


def _helped(group: click.Group, path: str) -> Iterator[tuple[str, str]]:
    asked = click.Context(group)
    for name in sorted(group.list_commands(asked)):
        command, whole = group.get_command(asked, name), f"{path} {name}"
        assert command is not None  # noqa: S101  (a listed command is there)
        context = click.Context(command, info_name=whole, terminal_width=WIDTH, max_content_width=WIDTH)
        yield whole, command.get_help(context)
        if isinstance(command, click.Group):
            yield from _helped(command, whole)


@click.command("manual")
@click.pass_context
def print_manual(context: click.Context) -> None:
    """Every command with its options (`docs/commands.md`)."""
    root = context.find_root().command
    assert isinstance(root, click.Group)  # noqa: S101  (for the type checker)
    click.echo(manual(root), nl=False)


COMMANDS = (print_manual,)
