"""Zammad, ServiceNow and GLPI: tickets with and without their history become snapshots."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from desk_exports import events, imported, pair, table_record, written, zammad_ticket

from towpath.desk.importers.glpi import column_of
from towpath.desk.importers.glpi import ticket_rows as glpi_rows
from towpath.desk.importers.records import NotATicket
from towpath.desk.importers.servicenow import record_rows
from towpath.desk.importers.texts import plain
from towpath.desk.importers.zammad import ticket_rows
from towpath.desk.models import Desk
from towpath.events.sniffing import sniff
from towpath.foundation.operations.home import Home

AUDIT = [
    ("k1", "incident", "number", "", "INC7", "2026-01-01 08:00:00"),
    ("k1", "incident", "state", "", "1", "2026-01-01 08:00:00"),
    ("k2", "incident", "state", "1", "2", "2026-01-01 08:05:00"),
    ("k1", "incident", "assignment_group", "Desk", "Network", "2026-01-01 09:00:00"),
    ("k1", "incident", "state", "2", "3", "2026-01-01 10:00:00"),
    ("k1", "incident", "hold_reason", "", "1", "2026-01-01 10:00:00"),
    ("k1", "incident", "state", "1", "2", "2026-01-01 08:30:00"),
    ("k1", "incident", "state", "3", "6", "2026-01-02 10:00:00"),
]
GLPI = (
    "ID;Titre;Statut;Dernière modification;Date d'ouverture;Priorité;Demandeur - Demandeur;"
    "Attribué à - Groupe de techniciens;Catégorie;Date de résolution;Description;Ma colonne"
)


def audit_file(folder: Path, heading: str = "") -> Path:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow((heading or "documentkey,tablename,fieldname,oldvalue,newvalue,sys_created_on").split(","))
    rows.writerows(AUDIT)
    path = folder / "sys_audit.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def glpi_file(folder: Path, *lines: str) -> Path:
    path = folder / "glpi.csv"
    path.write_text("\ufeff" + "\n".join([GLPI, *lines]) + "\n", encoding="utf-8")
    return path


def test_zammad_tells_movements_articles_and_no_scripts() -> None:
    rows = list(ticket_rows(zammad_ticket()))
    seen = [(row["state"], row["team"], row.get("by")) for row in rows]
    assert seen == [
        ("new", "1st Level", None),
        ("new", "1st Level", "machine"),
        ("open", "1st Level", None),
        ("open", "1st Level", "agent"),
        ("open", "Network", None),
        ("closed", "Network", None),
    ]
    assert rows[0]["text"] == "No network\nin room 5"
    assert rows[-1]["first_reply"] == "2026-02-02T08:30:00Z"


def test_zammad_without_history_says_only_what_is_known() -> None:
    rows = list(ticket_rows(zammad_ticket(history=None, articles=None)))
    assert [(row["state"], row.get("team")) for row in rows] == [("new", None), ("closed", "Network")]


def test_zammad_tickets_that_name_groups_by_number_are_refused_with_what_to_do() -> None:
    bare = {"id": 1, "number": "1", "created_at": "2026-01-01T00:00:00Z", "state_id": 1, "group_id": 2}
    with pytest.raises(NotATicket, match="expand=true"):
        list(ticket_rows(bare))


def test_servicenow_pairs_give_utc_times_and_words() -> None:
    opened, now = record_rows(table_record(), site="https://acme.example")
    assert (opened["state"], opened["time"]) == ("New", "2026-03-01T08:00:00Z")
    assert "team" not in opened
    assert (now["state"], now["team"], now["agent"]) == ("On Hold: Awaiting Caller", "Network", "Kim Ek")
    assert now["time"] == "2026-03-02T10:00:00Z"
    assert now["link"] == f"https://acme.example/nav_to.do?uri=incident.do%3Fsys_id%3D{'a' * 32}"
    assert (now["kind"], now["priority"], now["made_sla"]) == ("incident", "2 - High", "true")


def test_servicenow_bare_numbers_of_incidents_are_states_as_shipped() -> None:
    record = {
        "number": "INC1",
        "state": "6",
        "opened_at": "2026-03-01 08:00:00",
        "sys_updated_on": "2026-03-01 09:00:00",
    }
    assert [row["state"] for row in record_rows(record)] == ["New", "Resolved"]


def test_a_servicenow_ticket_that_closes_before_it_opens_is_kept_as_it_is() -> None:
    rows = list(record_rows(table_record(closed_at=pair("2026-02-01 08:00:00"))))
    assert [row["time"][:10] for row in rows] == ["2026-03-01", "2026-02-01", "2026-03-02"]


@pytest.mark.django_db
def test_a_later_servicenow_export_adds_to_what_earlier_ones_saw(tmp_home: Home, tmp_path: Path) -> None:
    first = written(tmp_path / "incidents.json", {"result": [table_record()]})
    assert sniff(first).mapping.format == "servicenow-json"
    assert imported(first).written == 2
    moved = table_record(
        state=pair("6", "Resolved"),
        sys_updated_on=pair("2026-03-03 10:00:00"),
        resolved_at=pair("2026-03-03 09:00:00"),
        assignment_group=pair("e" * 32, "Field"),
    )
    again = imported(written(tmp_path / "incidents.json", {"result": [moved]}))
    assert (again.written, again.already_there, again.withdrawn) == (2, 1, 0)
    seen = [(row["type"], row["team"]) for row in events()]
    assert seen == [
        ("New", None),
        ("On Hold: Awaiting Caller", "Network"),
        ("Resolved", None),
        ("Resolved", "Field"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("heading", ["", "Document key,Table name,Field name,Old value,New value,Created"])
def test_an_audit_history_in_any_order_becomes_snapshots(
    tmp_home: Home, tmp_path: Path, heading: str
) -> None:
    path = audit_file(tmp_path, heading)
    assert sniff(path).mapping.format == "servicenow-audit"
    done = imported(path)
    assert done.refused == 0
    seen = [(row["type"], row["team"]) for row in events() if row["ticket"] == "INC7"]
    assert seen == [
        ("New", "Desk"),
        ("In Progress", "Desk"),
        ("In Progress", "Network"),
        ("On Hold: Awaiting Caller", "Network"),
        ("Resolved", "Network"),
    ]
    assert [row["type"] for row in events() if row["ticket"] == "k2"] == ["New", "In Progress"]
    assert imported(path).written == 0


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Opening date", "opened"), ("Fecha de apertura", "opened"), ("Eröffnungsdatum", "opened"),
        ("Öppningsdatum", "opened"), ("打开日期", "opened"), ("Date d’ouverture", "opened"),
        ("Tilldelad till - Tekniker", "agent"), ("Assigned to - Technician group", "team"),
    ],
)  # fmt: skip
def test_glpi_headings_are_known_in_six_languages(heading: str, column: str) -> None:
    assert column_of(heading) == column


@pytest.mark.django_db
def test_a_glpi_list_comes_in_with_html_as_words(tmp_home: Home, tmp_path: Path) -> None:
    path = glpi_file(
        tmp_path,
        '"1 204";"Imprimante";"Résolu";"2026-01-03 10:00";"2026-01-01 09:00";"Moyenne";"Martin Paul";'
        '"Support";"Matériel > Imprimante";"2026-01-02 15:00";'
        '"&#60;p&#62;Elle <script>x()</script>fume&#60;/p&#62;";"b"',
        '"1205";"VPN";"Nouveau";"2026-01-03 10:00";"2026-01-03 10:00";"Haute";"Durand Eve";'
        '"";"";"";"<b>Aide</b>";""',
    )
    proposal = sniff(path)
    assert (proposal.mapping.format, proposal.mapping.csv.delimiter) == ("glpi", ";")
    assert imported(path).written == 5
    rows = events()
    assert [(row["ticket"], row["type"]) for row in rows] == [
        ("1204", "New"),
        ("1204", "Solved"),
        ("1204", "Résolu"),
        ("1205", "New"),
        ("1205", "Nouveau"),
    ]
    assert rows[2]["data"]["text"] == "Elle fume"
    assert rows[2]["data"]["category"] == "Matériel > Imprimante"
    assert Desk.objects.get().source == "glpi"


def test_several_assigned_groups_of_a_glpi_cell_are_the_first() -> None:
    rows = list(
        glpi_rows(
            {"ID": "1", "Status": "New", "Opening date": "x", "Assigned to - Technician group": "A<br>B"}
        )
    )
    assert rows[-1]["team"] == "A"


@pytest.mark.parametrize(
    "markup",
    [
        "<p onclick=x()>hi</p>", "<SCRIPT >alert(1)</SCRIPT >hi", "<img src=x onerror=x()>hi",
        "<style>p{}</style>hi", "<svg><script>x</script></svg>hi", "<iframe srcdoc='<script>'></iframe>hi",
    ],
)  # fmt: skip
def test_scripts_never_survive(markup: str) -> None:
    assert plain(markup) == "hi"
