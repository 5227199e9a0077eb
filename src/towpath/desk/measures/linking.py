"""What tickets are about where their source does not say it: what people confirmed, and what is proposed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.analytics.guessing import Guessed, Named, guess, identifiers_in, named_in, row_of
from towpath.analytics.kernels.compiling import Bool, Int64
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.history import History
from towpath.desk.measures.topics import texts_of

Floats = npt.NDArray[np.float64]
Int8 = npt.NDArray[np.int8]
FILLED = ("service", "component", "customer")
"""What the history of a ticket holds of what it can be about."""
LEARNED = ("service", "component")
BY = ("", "learned", "named", "together")
MOST_HELD, MOST_FILLED = 12, 3
Confirmed = Mapping[str, Mapping[str, str]]
"""What it is about -> number of the ticket -> value."""


@dataclass(frozen=True, eq=False)
class Proposals:
    """Arrays by ticket: `value`, none where nothing is proposed; `share` float64: how many of such proposals
    are right, nan where that is not measured; `by` int8: a place in `BY`. `guessed`, `named`: how each way of
    proposing did where the answer is known."""

    value: Coded
    share: Floats
    by: Int8
    guessed: Guessed | None = None
    named: Named | None = None

    @classmethod
    def none(cls, tickets: int) -> Proposals:
        return cls(Coded.nothing(tickets), np.full(tickets, np.nan), np.zeros(tickets, np.int8))


_held: OrderedDict[tuple[str, str, tuple[str, ...]], Proposals] = OrderedDict()
_filled: OrderedDict[tuple[str, str], History] = OrderedDict()
_lock = threading.Lock()


def filled(history: History, confirmed: Confirmed) -> History:
    """The history with what people confirmed where the source says nothing."""
    columns = {
        about: filling(history.of_ticket[about], history.tickets, confirmed[about])
        for about in FILLED
        if confirmed.get(about)
    }
    return replace(history, of_ticket={**history.of_ticket, **columns}) if columns else history


def filled_once(history: History, said_token: str, confirmed: Callable[[], Confirmed]) -> History:
    """The same, kept while history and what was said (`said_token`) are the same."""
    key = (history.token, said_token)
    with _lock:
        kept = _filled.get(key)
    if kept is None:
        kept = replace(filled(history, confirmed()), said_token=said_token)
        with _lock:
            _filled[key] = kept
            while len(_filled) > MOST_FILLED:
                _filled.popitem(last=False)
    return kept


def filling(column: Coded, tickets: pa.StringArray, values: Mapping[str, str]) -> Coded:
    """A column by ticket, with these values where it has none."""
    said = said_of(tickets, values)
    names = column.texts()
    known = {name: place for place, name in enumerate(names)}
    codes = np.array([*(known.setdefault(name, len(known)) for name in said.texts()), -1], np.int32)
    return Coded(
        np.where(column.codes >= 0, column.codes, codes[said.codes]), pa.array(list(known), pa.string())
    )


def said_of(tickets: pa.StringArray, values: Mapping[str, str]) -> Coded:
    """Values by number as a column by ticket; those of other tickets are left out."""
    places = np.asarray(pc.fill_null(pc.index_in(pa.array(values, pa.string()), tickets), -1))
    found = Coded.of(pa.array(list(values.values()), pa.string()))
    codes = np.full(len(tickets), -1, np.int32)
    codes[places[places >= 0]] = found.codes[places >= 0]
    return Coded(codes, found.names)


def proposed(history: History, about: str, names: Sequence[str]) -> Proposals:
    """What tickets may be about, by those of the desk that say it; kept while the history is the same.
    `names`: more names that a text may hold."""
    key = (history.token, about, tuple(names))
    with _lock:
        kept = _held.get(key)
    if kept is None:
        kept = named_customers(history) if about == "customer" else _proposed(history, about, names)
        with _lock:
            _held[key] = kept
            while len(_held) > MOST_HELD:
                _held.popitem(last=False)
    return kept


def _proposed(history: History, about: str, names: Sequence[str]) -> Proposals:
    column = history.of_ticket[about]
    known = list(dict.fromkeys([*column.texts(), *names]))
    values = column.codes.astype(np.int64)
    texts = texts_of(history)
    guessed = guess(_rows(history, texts), values, history.tickets.to_pylist())
    named = named_in(texts, known, values)
    value, share = guessed.value.copy(), guessed.share.copy()
    by = np.where(value >= 0, BY.index("learned"), 0).astype(np.int8)
    # What a text names is taken where it was right more often than what is learned, or nothing is learned.
    surer = (values < 0) & (named.value >= 0)
    surer &= (value < 0) | (share < (named.share or 0.0))
    value[surer], by[surer] = named.value[surer], BY.index("named")
    share[surer] = np.nan if named.share is None else named.share
    return Proposals(Coded(value.astype(np.int32), pa.array(known, pa.string())), share, by, guessed, named)


def together(step: Coded, share: float | None) -> Proposals:
    """Steps at which customers failed just before; `share`: of such proposals that people answered how many
    they confirmed, None for too few."""
    there = step.codes >= 0
    by = np.where(there, BY.index("together"), 0).astype(np.int8)
    return Proposals(step, np.where(there, np.nan if share is None else share, np.nan), by)


def named_customers(history: History) -> Proposals:
    """Customers of the desk whose identifier, masked or not, stands in the text of a ticket that names none.
    Only what looks like an identifier counts: two people may have one name."""
    column = history.of_ticket["customer"]
    values = column.codes.astype(np.int64)
    found = identifiers_in(texts_of(history), column.texts(), values)
    missing = (values < 0) & (found.value >= 0)
    share = np.nan if found.share is None else found.share
    return Proposals(
        Coded(np.where(missing, found.value, -1).astype(np.int32), column.names),
        np.where(missing, share, np.nan),
        np.where(missing, BY.index("named"), 0).astype(np.int8),
        named=found,
    )


def _rows(history: History, texts: Sequence[str]) -> list[str]:
    """What each ticket is learned from: its text, topic, the last and first team, kind and channel."""
    last, first = (
        Coded(each, history.team.names) for each in (history.facts.last_team, history.facts.first_team)
    )
    columns = {
        "topic": history.topic,
        "team": last,
        "first": first,
        **{name: history.of_ticket[name] for name in ("kind", "channel", "country")},
    }
    facts = [
        np.array([*(f"{name}={text}" for text in column.texts()), f"{name}="], object)[column.codes]
        for name, column in columns.items()
    ]
    return [row_of(text, each) for text, each in zip(texts, zip(*facts, strict=True), strict=True)]


@dataclass(frozen=True)
class Standing:
    """How tickets stand with one thing that they can be about; each ticket is in one of the first four.
    `conflicts`: confirmed as something else than what the source says by now."""

    source: int
    confirmed: int
    proposed: int
    none: int
    conflicts: int


def standing(source: Coded, said: Coded, offered: Bool) -> Standing:
    """`said`: what people confirmed; `offered` bool[t]: something is proposed."""
    known, person = source.codes >= 0, source.codes < 0
    by_person = person & (said.codes >= 0)
    both = np.flatnonzero(known & (said.codes >= 0))
    clash = sum(source.names[int(source.codes[at])] != said.names[int(said.codes[at])] for at in both)
    left = person & ~by_person
    return Standing(
        source=int(known.sum()),
        confirmed=int(by_person.sum()),
        proposed=int((left & offered).sum()),
        none=int((left & ~offered).sum()),
        conflicts=int(clash),
    )


@dataclass(frozen=True, eq=False)
class Group:
    """Tickets of one topic and team of which the same is proposed; codes, -1 where there is none."""

    value: int
    topic: int
    team: int
    places: Int64


def groups_of(history: History, found: Proposals, open_: Bool) -> list[Group]:
    """Proposals that nobody has answered (`open_` bool[t]), largest groups first."""
    places = np.flatnonzero(open_ & (found.value.codes >= 0))
    keys = [column[places] for column in (found.value.codes, history.topic.codes, history.facts.last_team)]
    if not len(places):
        return []
    unique, at = np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)
    order = np.argsort(at.ravel(), kind="stable")
    parts = np.split(places[order], np.cumsum(np.bincount(at.ravel()))[:-1])
    made = [
        Group(int(value), int(topic), int(team), part)
        for (value, topic, team), part in zip(unique, parts, strict=True)
    ]
    return sorted(made, key=lambda each: (-len(each.places), each.value, each.topic, each.team))


def code_of(names: pa.StringArray, wanted: str) -> int:
    """The code of a name; -1 for the empty one, -2 where there is none."""
    place = pc.index(names, wanted).as_py() if wanted else -1
    return place if place >= 0 or not wanted else -2


def unanswered(history: History, rejected: Mapping[str, Sequence[str]], found: Proposals) -> Bool:
    """Where a proposal is not one that a person rejected. `rejected`: values by number."""
    open_ = np.ones(len(history.tickets), np.bool_)
    places = np.asarray(pc.fill_null(pc.index_in(pa.array(rejected, pa.string()), history.tickets), -1))
    for values, place in zip(rejected.values(), places.tolist(), strict=True):
        code = int(found.value.codes[place]) if place >= 0 else -1
        if code >= 0 and found.value.names[code].as_py() in values:
            open_[place] = False
    return open_
