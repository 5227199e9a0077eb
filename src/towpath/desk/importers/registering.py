"""The formats of helpdesks that files may come in; made known when the app is ready."""

from __future__ import annotations

from functools import partial

from towpath.desk.importers import glpi, jira, servicenow, servicenow_audit, zammad
from towpath.desk.importers.proposal import propose
from towpath.events.importers.formats import FileFormat

FORMATS = (
    FileFormat(
        "jira",
        jira.recognises,
        lambda source, _mapping, rows: jira.read_jira(source, rows),
        partial(propose, format_name="jira", whole=True),
    ),
    FileFormat(
        "zammad",
        zammad.recognises,
        lambda source, _mapping, rows: zammad.read_zammad(source, rows),
        partial(propose, format_name="zammad", whole=True),
    ),
    FileFormat(
        "servicenow-json",
        servicenow.recognises,
        lambda source, _mapping, rows: servicenow.read_table(source, rows),
        partial(propose, format_name="servicenow-json", whole=False),
    ),
    FileFormat(
        "servicenow-audit",
        servicenow_audit.recognises,
        servicenow_audit.read_audit,
        partial(propose, format_name="servicenow-audit", whole=True),
        table=True,
    ),
    FileFormat(
        "glpi", glpi.recognises, glpi.read_glpi, partial(propose, format_name="glpi", whole=False), table=True
    ),
)
