"""An index of the words of tickets: FTS5 in SQLite, kept by triggers; GIN over tsvector in PostgreSQL."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = [
    "create virtual table desk_ticket_words using fts5(words, content='desk_ticket', content_rowid='id', "
    "tokenize='unicode61', prefix='3', detail='none')",
    "create trigger desk_ticket_words_in after insert on desk_ticket begin "
    "insert into desk_ticket_words(rowid, words) values (new.id, new.words); end",
    "create trigger desk_ticket_words_out after delete on desk_ticket begin "
    "insert into desk_ticket_words(desk_ticket_words, rowid, words) values ('delete', old.id, old.words); end",
    "create trigger desk_ticket_words_changed after update of words on desk_ticket "
    "when old.words <> new.words begin "
    "insert into desk_ticket_words(desk_ticket_words, rowid, words) values ('delete', old.id, old.words); "
    "insert into desk_ticket_words(rowid, words) values (new.id, new.words); end",
]
POSTGRESQL = ["create index desk_ticket_words on desk_ticket using gin (to_tsvector('simple', words))"]
GONE = [
    "drop trigger desk_ticket_words_in",
    "drop trigger desk_ticket_words_out",
    "drop trigger desk_ticket_words_changed",
    "drop table desk_ticket_words",
]


def make(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement, params=None)


def note_all(apps: StateApps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Tickets of the desks that there are already are made by the next worker."""
    note = apps.get_model("desk", "TicketNote")
    for pk in apps.get_model("desk", "Desk").objects.values_list("pk", flat=True):
        note.objects.create(desk_id=pk, since=0)


def drop(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in GONE if schema_editor.connection.vendor == "sqlite" else ["drop index desk_ticket_words"]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0004_tickets'),
    ]

    operations = [migrations.RunPython(make, drop), migrations.RunPython(note_all, migrations.RunPython.noop)]
