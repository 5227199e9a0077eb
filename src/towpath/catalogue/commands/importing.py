"""`towpath catalogue import` and `export`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.catalogue.actions.importing import apply_catalogue
from towpath.catalogue.commands.group import catalogue
from towpath.catalogue.queries.declared import declared_in, exported
from towpath.catalogue.rules.catalogue_text import Text
from towpath.catalogue.rules.wording import CHANGES
from towpath.catalogue.schemas.changes import CatalogueDiff
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.operations.documents import DocumentError

PATH = click.Path(exists=True, path_type=Path)
SUFFIXES = {".yaml", ".yml"}


@catalogue.command("import")
@click.argument("path", type=PATH)
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--complete", is_flag=True, help="PATH names all there is: what it does not name is gone.")
@AS_JSON
def import_declarations(path: Path, dry_run: bool, complete: bool, as_json: bool) -> None:
    """Put what PATH declares into the catalogue: a YAML file, or a folder of them. All of it or nothing."""
    texts = _texts(path)
    try:
        if dry_run:
            diff = declared_in(OPERATOR, texts, complete=complete)[1]
        else:
            diff = apply_catalogue(OPERATOR, texts, complete=complete)
    except DocumentError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.encode(diff).decode())
        return
    _tell(diff)


@catalogue.command("export")
def export() -> None:
    """Print the whole catalogue as YAML; importing that changes nothing."""
    click.echo(exported(OPERATOR), nl=False)


def _texts(path: Path) -> list[Text]:
    files = [path]
    if path.is_dir():
        files = sorted(each for each in path.rglob("*") if each.suffix in SUFFIXES and each.is_file())
        if not files:
            raise click.ClickException(_("%(path)s holds no .yaml or .yml file.") % {"path": path})
    try:
        return [(str(each), each.read_text(encoding="utf-8-sig")) for each in files]
    except UnicodeDecodeError as error:
        raise click.ClickException(_("A file is not in UTF-8: save it as UTF-8.")) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error


def _tell(diff: CatalogueDiff) -> None:
    for change in diff.changes:
        click.echo(f"{change.noun} {change.name}: {CHANGES[change.change]}")
        for field in change.fields:
            click.echo(f"  {field.field}: {field.before or '—'} → {field.after or '—'}")
    count = {"count": len(diff.changes)}
    if not diff.changes:
        click.echo(_("Nothing changes."))
    elif diff.applied:
        click.echo(_("Applied: %(count)d changes.") % count)
    else:
        click.echo(_("%(count)d changes would be made; nothing was changed.") % count)
