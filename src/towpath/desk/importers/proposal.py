"""The mapping, with its section `desk:`, for a file of one of the helpdesks' own formats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from towpath.desk.rules.reading import KINDS
from towpath.desk.rules.states import class_of
from towpath.events.importers.chunks import Row
from towpath.events.mapping import IDENTIFIERS, Mapping, Pick, TimeForm
from towpath.events.sniffing.times import sniff_times

ENVELOPE = ("channel", "service", "component", "change", "team")
"""Columns that an event has a place for, under the same name."""
READ = (
    "agent", "title", "text", "priority", "impact", "urgency", "solved_by", "parent", "made_sla", "link",
    "opened", "resolved", "closed", "first_reply", "country", "caused_by", "solved_through", "duplicate_of",
    "affects",
)  # fmt: skip
"""Columns that a desk's reading takes out of `data`."""
KIND_WORDS: dict[str, tuple[str, ...]] = {
    "request": (
        "request", "service request", "service request with approvals", "demande", "petición", "solicitud",
        "requerimiento", "anfrage", "anforderung", "begäran", "beställning", "请求", "服务请求", "access",
    ),
    "problem": ("problem", "problème", "problema", "问题"),
    "change": ("change", "changement", "cambio", "änderung", "ändring", "变更"),
    "contact": ("contact", "call", "phone call", "interaction", "contacto", "kontakt", "联系"),
    "incident": ("incident", "incidente", "incidencia", "störung", "vorfall", "事件", "故障", "bug"),
}  # fmt: skip
_SHOWN = 5


def propose(
    name: str, rows: Sequence[Row], *, format_name: str, whole: bool
) -> tuple[Mapping, tuple[str, ...]]:
    """A mapping for a source called `name` whose file begins with these rows, and what a person should look
    at. `whole`: the file tells the whole history of each of its tickets, so that what it tells of one takes
    the place of what was known before."""
    present = {column for row in rows for column, value in row.items() if value not in (None, "")}
    form, doubts = _times(rows)
    sections: dict[str, object] = {"mask": "true", "desk": _desk(rows, present, form)}
    if whole:
        sections["history"] = "whole"
    mapping = Mapping(name, format_name, _events(present), times=form, sections=sections)
    return mapping, (*doubts, *_doubts(rows, present, whole))


def _times(rows: Sequence[Row]) -> tuple[TimeForm, tuple[str, ...]]:
    given = [str(row["time"]) for row in rows if row.get("time")]
    if all(time.endswith("Z") for time in given):
        return TimeForm(), ()
    found = sniff_times({"time": given})
    zone = "Times name no zone; UTC is assumed. Set times.zone, here and under desk, if it is another."
    return TimeForm(formats=(found.formats.get("time", "iso"),)), (*found.doubts, zone)


def _events(present: set[str]) -> dict[str, tuple[Pick, ...]]:
    events = {
        "time": (Pick(column="time"),),
        "seq": (Pick(column="seq"),),
        "id": (Pick(column="id"),),
        "type": (Pick(column="state"), Pick(constant="unknown")),
        "ticket": (Pick(column="number"),),
        "case": (Pick(column="number"),),
    }
    if "caller" in present:
        events["identifier"] = (Pick(column="caller", prefix="caller:"),)
    if "caller_mail" in present:
        events[IDENTIFIERS] = (Pick(column="caller_mail", prefix="mail:"),)
    events.update({field: (Pick(column=field),) for field in ENVELOPE if field in present})
    return events


def _desk(rows: Sequence[Row], present: set[str], form: TimeForm) -> dict[str, object]:
    desk: dict[str, object] = {}
    if "kind" in present:
        words = dict.fromkeys(str(row["kind"]) for row in rows if row.get("kind"))
        named = {word: kind for word in words if (kind := _kind(word)) is not None}
        desk["kind"] = {"column": "data.kind", "map": named, "otherwise": "incident"}
    topics = [f"data.{name}" for name in ("category", "subcategory") if name in present]
    if topics:
        desk["topic"] = topics[0] if len(topics) == 1 else topics
    desk.update({name: f"data.{name}" for name in READ if name in present})
    if form != TimeForm():
        desk["times"] = {"zone": form.zone, "formats": list(form.formats)}
    return desk


def _kind(word: str) -> str | None:
    low = word.strip().casefold()
    if low in KINDS:
        return low
    within = (
        kind for kind, words in KIND_WORDS.items() if any(each in low for each in words if len(each) > 3)
    )
    exact = (kind for kind, words in KIND_WORDS.items() if low in words)
    return next(exact, None) or next(within, None)


def unknown_states(states: Iterable[object]) -> list[str]:
    """Those whose meaning the usual words do not tell, each once."""
    return sorted({str(state) for state in states if state and class_of(str(state), None) == "unknown"})


def _doubts(rows: Sequence[Row], present: set[str], whole: bool) -> Iterable[str]:
    if unknown := unknown_states(row.get("state") for row in rows):
        shown = ", ".join(unknown[:_SHOWN])
        yield f"What these states mean is not known: {shown}. Name them in desk.states."
    if "team" not in present:
        yield "No column says which team has a ticket; hand-overs and tiers cannot be told."
    else:
        yield "Which support tier a team is, the file does not say: name it in desk.tiers."
    if not whole:
        yield "The file tells no changes, only today's state and some times: paths of teams begin with it."
    if any(row.get("history_cut") for row in rows):
        yield "Some histories are cut: export with the whole changelog, or fetch it over a connection."
    if "caller" not in present:
        yield "No column names the caller; repeats cannot be told."
