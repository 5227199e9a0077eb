"""What people said of links that tickets lack, put where their source says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from towpath.analytics.kernels.compiling import Bool
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.history import History


class Fill(msgspec.Struct, frozen=True):
    """One word; see `models.linking.LinkWord`. Of several that fit a ticket the one said of it alone holds,
    else the last."""

    field: str
    value: str
    topic: str = ""
    team: str = ""
    number: str = ""


def filled(history: History, fills: Sequence[Fill]) -> History:
    """The history with these values; `History.confirmed` tells of which tickets they are."""
    if not fills:
        return history
    of_ticket, confirmed = dict(history.of_ticket), {}
    for field in sorted({each.field for each in fills}):
        words = [each for each in fills if each.field == field]
        of_ticket[field], confirmed[field] = _put(history, of_ticket[field], words)
    token = xxhash.xxh3_128_hexdigest(history.token.encode() + msgspec.json.encode(list(fills)))
    made = replace(history, token=token, of_ticket=of_ticket, confirmed=confirmed)
    # The movements are the same, and what they tell takes a second of a large desk.
    made.__dict__["facts"] = history.facts
    return made


def _put(history: History, column: Coded, words: Sequence[Fill]) -> tuple[Coded, Bool]:
    names = column.texts()
    known = {name: code for code, name in enumerate(names)}
    codes, lacking = column.codes.copy(), column.codes < 0
    for each in sorted(words, key=lambda word: bool(word.number)):
        code = known.setdefault(each.value, len(known))
        if each.number:
            place = history.number_of(each.number)
            if place is not None and lacking[place]:
                codes[place] = code
        else:
            codes[lacking & of_group(history, each.topic, each.team)] = code
    return Coded(codes, pa.array(list(known), pa.string())), lacking & (codes >= 0)


def of_group(history: History, topic: str, team: str) -> Bool:
    """bool[t]: tickets of a topic that a team (empty: any) had last."""
    mask = history.topic.codes == code_of(history.topic, topic)
    if team:
        mask &= history.facts.last_team == code_of(history.team, team)
    return np.asarray(mask)


def code_of(column: Coded, name: str) -> int:
    """Its code; -2, which no ticket has, where there is none of the name."""
    place = pc.index(column.names, name).as_py()
    return place if place >= 0 else -2
