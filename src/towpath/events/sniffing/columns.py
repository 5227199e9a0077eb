"""Which column plays which part: by names that exports use, checked against what the values look like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from towpath.events.importers.chunks import Row

HINTS: dict[str, tuple[str, ...]] = {
    "time": (
        "time_timestamp", "timestamp", "event_time", "event_timestamp", "occurred_at", "time", "datetime",
        "ts", "at", "started_at", "start_at", "start_time", "sys_updated_at", "updated_at", "commit_date",
        "created", "created_at", "date", ".*_at", ".*(time|date|timestamp).*",
    ),
    "case": (
        "case_concept_name", "case_id", "case", "caseid", "number", "ticket(_id|_number)?",
        "incident(_id|_number)?", "order(_id|_number)?", "application(_id|_number)?",
        "request(_id|_number)?", "session(_id)?", "id", ".*_id",
    ),
    "type": (
        "concept_name", "activity(_name)?", "event(_name|_type)?", "type", "action", "step", "task",
        "incident_state", "state", "status", "stage", ".*(activity|event|action|state|status).*",
    ),
    "identifier": (
        "identifier", "customer(_id|_number)?", "caller(_id)?", "client(_id)?", "user(_id)?", "account(_id)?",
        "member(_id)?", "patient(_id)?", "consumer(_id)?", "e?_?mail", "requester", "requested_by",
        "respondent_id",
    ),
    "mail": ("e?_?mail(_address)?", ".*_e?_?mail"),
    "phone": ("(tele)?phone(_number)?", "mobile(_phone|_number)?", "cell(_phone)?", "msisdn", ".*_phone"),
    "device": ("device_id", "visitor_id", "client_uuid"),
    "channel": ("channel", "contact_type", "medium", "contact_channel", "origin"),
    "outcome": ("outcome", "result", "success", "lifecycle_transition"),
    "latency_ms": (
        "latency.*", "response_time.*", "elapsed.*", "took.*", "duration_(ms|s|sec|seconds|millis)",
        "wait(ed)?(_.*)?",
    ),
    "value": ("value", "amount.*", "case_amount.*", "price", "total", "revenue"),
    "currency": ("currency(_code)?",),
    "session": ("session(_id)?",),
    "service": ("service(_name)?",),
    "component": ("component", "cmdb_ci", "configuration_item"),
    "environment": ("environment", "env"),
    "version": ("version", "app_version", "release"),
    "team": ("assignment_group", "org_group", "team", "support_group", "queue"),
    "tier": ("tier", "support_level"),
    "change": ("rfc", "change(_id|_number)?", "deployment(_id)?"),
    "trace": ("trace(_id)?", "traceparent"),
}  # fmt: skip
"""For each field (and each kind of identifier) the names (as patterns, most telling first) that a column for
it goes by."""
KINDS: dict[str, str] = {
    "mail": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "phone": r"\+?[\d ()/.-]{6,20}",
    "device": r"\S{6,}",
}
"""What a value of each kind of identifier looks like, beside its column's name."""

OUTCOMES = {
    **dict.fromkeys(("ok", "success", "successful", "succeeded", "complete", "completed", "true", "passed"),
    "ok"), **dict.fromkeys(("fault", "error", "fail", "failed", "failure", "timeout", "false"), "fault"),
    **dict.fromkeys(("refused", "declined", "rejected", "denied"), "refused"),
    **dict.fromkeys(("abandoned", "cancelled", "canceled", "aborted"), "abandoned"),
    **dict.fromkeys(("mistake", "invalid", "validation_error"), "mistake"),
}  # fmt: skip
UNITS = (
    (r"(_|^)(ms|millis|milliseconds)$", "ms"),
    (r"(_|^)(us|micros|microseconds)$", "us"),
    (r"(_|^)(s|sec|secs|seconds)$", "s"),
    (r"(_|^)(min|mins|minutes)$", "min"),
    (r"(_|^)(h|hours)$", "h"),
)
_LOW = 500
"""An activity or a channel has no more different values than this in a sample."""


@dataclass(frozen=True)
class Column:
    """One column of a sample: its name and, row by row, its value as text (None: missing, or not a single
    value)."""

    name: str
    values: tuple[str | None, ...]

    @property
    def plain(self) -> str:
        return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.name).lower()).strip("_")

    @cached_property
    def given(self) -> list[str]:
        return [value for value in self.values if value is not None]

    @cached_property
    def distinct(self) -> frozenset[str]:
        return frozenset(self.given)

    @property
    def filled(self) -> float:
        return len(self.given) / len(self.values) if self.values else 0.0

    def rank(self, field: str) -> int | None:
        """Place of the first hint for this field that the name fits, or None."""
        hits = (at for at, hint in enumerate(HINTS[field]) if re.fullmatch(hint, self.plain))
        return next(hits, None)


def columns_of(rows: Sequence[Row], missing: Sequence[str]) -> list[Column]:
    """The columns of a sample, in the order in which they are first met."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [Column(name, tuple(_text(row.get(name), missing) for row in rows)) for name in names]


def _text(value: object, missing: Sequence[str]) -> str | None:
    if isinstance(value, str):
        return None if value in missing else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None


def changes_within(column: Column, case: Column | None) -> float:
    """Share of neighbouring rows of one case between which the column's value differs; 0 without a case."""
    if case is None:
        return 0.0
    last: dict[str, str | None] = {}
    pairs = changed = 0
    for name, value in zip(case.values, column.values, strict=True):
        if name is None:
            continue
        if name in last:
            pairs += 1
            changed += last[name] != value
        last[name] = value
    return changed / pairs if pairs else 0.0


def best_by_name(field: str, columns: Sequence[Column]) -> Column | None:
    """The column whose name is the most telling for this field."""
    ranked = [(rank, at) for at, column in enumerate(columns) if (rank := column.rank(field)) is not None]
    return columns[min(ranked)[1]] if ranked else None


def find_case(columns: Sequence[Column], times: Sequence[str]) -> Column | None:
    """What several rows share: named like a case, and met more than once but not everywhere; else such an
    id."""
    likely = [column for column in columns if column.name not in times and column.filled > 0.9]
    shared = [column for column in likely if 1 < len(column.distinct) < 0.9 * len(column.given)]
    return best_by_name("case", shared) or best_by_name("case", likely)


def find_time(columns: Sequence[Column], times: Sequence[str], case: Column | None) -> Column | None:
    """Of the columns that are times, the one that moves on within a case; of several, the most telling
    name."""
    likely = [column for column in columns if column.name in times]
    full = [column for column in likely if column.filled > 0.9] or likely
    if not full:
        return None
    moving = {column.name: changes_within(column, case) for column in full}
    most = max(moving.values())
    lively = [column for column in full if moving[column.name] >= 0.7 * most]
    return best_by_name("time", lively) or lively[0]


def find_type(columns: Sequence[Column], case: Column | None) -> Column | None:
    """What happened: few different values, named like an activity, and changing within a case if there is
    one."""
    likely = [column for column in columns if column.filled > 0.9 and 1 <= len(column.distinct) <= _LOW]
    likely = [column for column in likely if len(column.distinct) < 0.9 * len(column.given) or case is None]
    named = [column for column in likely if column.rank("type") is not None]
    lively = [column for column in named if changes_within(column, case) > 0.05]
    return best_by_name("type", lively or named)


def kind_of(column: Column) -> str | None:
    """The kind of identifier that a column's name and nearly all its values speak of, or None."""
    for kind, pattern in KINDS.items():
        if column.rank(kind) is not None and column.given:
            fitting = sum(re.fullmatch(pattern, value.strip()) is not None for value in column.given)
            return kind if fitting >= 0.95 * len(column.given) else None
    return None


def is_number(column: Column) -> bool:
    """True if the values are numbers, but for a few."""
    good = 0
    for value in column.given:
        try:
            float(value)
        except ValueError:
            continue
        good += 1
    return bool(column.given) and good >= 0.95 * len(column.given)


def unit_of(column: Column) -> str | None:
    """The unit that a column's name ends with."""
    return next((unit for pattern, unit in UNITS if re.search(pattern, column.plain)), None)


def outcome_map(column: Column) -> dict[str, str | None]:
    """Values of the column that are known words for an outcome, each with the outcome."""
    words = {value: OUTCOMES.get(value.strip().lower()) for value in sorted(column.distinct)}
    return {value: outcome for value, outcome in words.items() if outcome is not None}
