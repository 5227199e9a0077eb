"""The database itself refuses to change an audit entry: also for a program that goes around our code.

SQLite does not refuse to delete one: Django's `flush` empties SQLite's tables row by row (PostgreSQL's by TRUNCATE),
and whoever can write an SQLite file can drop its triggers. A later migration that alters this table on SQLite makes
it anew, without the trigger: it must run `refuse_changes` again (a test notices).
"""

from django.apps.registry import Apps as StateApps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REFUSAL = "the audit log is only appended to"


def refuse_changes(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            "CREATE TRIGGER audit_refuses_changes BEFORE UPDATE ON audit_auditentry "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
        return
    schema_editor.execute(
        "CREATE FUNCTION audit_refuses_changes() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    schema_editor.execute(
        "CREATE TRIGGER audit_refuses_changes BEFORE UPDATE OR DELETE ON audit_auditentry "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuses_changes()"
    )


def allow_changes(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER audit_refuses_changes")
        return
    schema_editor.execute("DROP TRIGGER audit_refuses_changes ON audit_auditentry")
    schema_editor.execute("DROP FUNCTION audit_refuses_changes()")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(refuse_changes, allow_changes)]
