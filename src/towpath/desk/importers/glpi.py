"""GLPI: the list of tickets as CSV, its headings in the language of who exported it.

The list tells no changes: what is known is when a ticket was opened, resolved, closed and last touched. Cells
hold HTML, and several values a line each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from towpath.desk.importers.snapshots import marks
from towpath.desk.importers.texts import plain
from towpath.events.importers.chunks import Block, ImportFailed, Row
from towpath.events.importers.delimited import read_csv
from towpath.events.importers.files import Source
from towpath.events.mapping import Mapping

HEADINGS: dict[str, tuple[str, ...]] = {
    "number": ("id", "编号"),
    "title": ("title", "titre", "título", "titel", "标题"),
    "state": ("status", "statut", "estado", "estatus", "状态"),
    "updated": (
        "last update", "last modification", "dernière modification", "última actualización",
        "última modificación", "letzte änderung", "letzte aktualisierung", "senaste uppdatering",
        "senast uppdaterad", "最后更新", "最后修改", "上次更新",
    ),
    "opened": (
        "opening date", "date d'ouverture", "fecha de apertura", "eröffnungsdatum", "erstelldatum",
        "öppningsdatum", "打开日期", "开启日期", "创建日期",
    ),
    "resolved": (
        "resolution date", "solved date", "date de résolution", "date de solution", "fecha de resolución",
        "fecha de solución", "lösungsdatum", "解决日期",
    ),
    "closed": (
        "closing date", "close date", "date de clôture", "date de fermeture", "fecha de cierre",
        "abschlussdatum", "schließungsdatum", "stängningsdatum", "关闭日期",
    ),
    "priority": ("priority", "priorité", "prioridad", "priorität", "prioritet", "优先级"),
    "urgency": ("urgency", "urgence", "urgencia", "dringlichkeit", "angelägenhet", "紧急度", "紧急程度"),
    "impact": ("impact", "impacto", "auswirkung", "påverkan", "影响"),
    "caller": (
        "requester - requester", "requester", "demandeur - demandeur", "demandeur",
        "solicitante - solicitante", "solicitante", "anforderer - anforderer", "anforderer",
        "antragsteller - antragsteller", "antragsteller", "begärare - begärare", "begärare",
        "请求者 - 请求者", "请求者", "申请人",
    ),
    "agent": (
        "assigned to - technician", "technician", "attribué à - technicien", "assigné à - technicien",
        "asignado a - técnico", "asignada a - técnico", "asignado a: - técnico", "zugewiesen an - techniker",
        "zugewiesen an: - techniker", "tilldelad till - tekniker", "分配给 - 技术员", "指派给 - 技术员",
    ),
    "team": (
        "assigned to - technician group", "assigned to - technicians group", "technician group",
        "attribué à - groupe de techniciens", "attribué à - groupe technicien",
        "assigné à - groupe de techniciens", "asignado a - grupo de técnicos",
        "asignada a - grupo de técnicos",
        "asignado a - grupo técnico", "zugewiesen an - technikergruppe", "tilldelad till - teknikergrupp",
        "分配给 - 技术员组", "指派给 - 技术员组",
    ),
    "category": ("category", "catégorie", "categoría", "kategorie", "kategori", "类别", "分类"),
    "kind": ("type", "tipo", "typ", "类型"),
    "channel": (
        "request source", "source de la demande", "origen de la solicitud", "fuente de la solicitud",
        "quelle der anfrage", "anfragequelle", "källa", "请求来源",
    ),
    "location": ("location", "lieu", "ubicación", "standort", "plats", "位置"),
    "entity": ("entity", "entité", "entidad", "einheit", "enhet", "实体"),
    "text": ("description", "descripción", "beschreibung", "beskrivning", "描述"),
    "solution": ("solution", "solución", "lösung", "lösning", "解决方案"),
    "component": ("associated element - associated elements", "associated elements", "éléments associés"),
}  # fmt: skip
_COLUMN_OF = {heading: column for column, headings in HEADINGS.items() for heading in headings}
_TELLING = ("updated", "opened", "agent", "team")
"""Headings that other tables hardly have."""
_FIRST = ("number", "kind", "caller", "channel", "opened")
_TIMES = ("opened", "resolved", "closed", "updated")
_SEVERAL = ("caller", "agent", "team", "component")


def recognises(beginning: str) -> bool:
    head = beginning.partition("\n")[0]
    found = {column_of(cell) for cell in head.split(";")}
    return {"number", "title", "state", "opened"} <= found and not found.isdisjoint(
        {"updated", "agent", "team"}
    )


def column_of(heading: str) -> str | None:
    """The column that a heading stands for, in any of the languages."""
    return _COLUMN_OF.get(" ".join(heading.strip().strip('"').replace("’", "'").casefold().split()))


def read_glpi(source: Source, mapping: Mapping, chunk_rows: int) -> Iterator[Block]:
    """Blocks of rows: of each ticket its opening, resolution, closing, and how it is now."""
    for block in read_csv(source, replace(mapping, events={}, data="rest"), max(1, chunk_rows // 4)):
        if block.rows and not {"number", "opened"} <= {column_of(heading) for heading in block.rows[0]}:
            headings = ", ".join(block.rows[0])[:300]
            remedy = "Export the list of tickets with at least ID, status, opening date and last update."
            raise ImportFailed(source.name, 1, f"No GLPI headings are known among: {headings}.", remedy)
        made = [
            (row, block.place_of(at)) for at, cells in enumerate(block.rows) for row in ticket_rows(cells)
        ]
        places = [place for _row, place in made]
        yield Block(places.__getitem__, [row for row, _place in made], block.broken)


def ticket_rows(cells: Row) -> Iterator[Row]:
    """One line of the list, as rows."""
    held: Row = {}
    for heading, cell in cells.items():
        column = column_of(heading)
        value = plain(cell)
        if column in _SEVERAL and value is not None:
            value = value.partition("\n")[0].strip()
        if column is not None:
            held.setdefault(column, value)
        elif value is not None:
            held[heading] = value
    number = str(held.get("number") or "").replace(" ", "").replace("\u202f", "")
    times: Row = {name: held.get(name) for name in _TIMES}
    held.pop("updated", None)
    first = {name: held.get(name) for name in _FIRST}
    states: Row = {"opened": "New", "resolved": "Solved", "closed": "Closed"}
    yield from marks(number, times, held, first, states)
