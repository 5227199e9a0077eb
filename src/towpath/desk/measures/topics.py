"""The topic of each ticket: given by the source, else found in the text; under the names people gave."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa

from towpath.analytics.kernels.compiling import Bool, Int32, Int64
from towpath.analytics.topics import Topics, plain, topics_of
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.history import History

MOST_HELD = 3
CHASING = (
    "still waiting", "no answer", "no reply", "any news", "any update", "not working again", "second time",
    "immer noch", "noch keine antwort", "wo bleibt", "schon wieder", "toujours pas", "pas de réponse",
    "todavía no", "sigo esperando", "sin respuesta", "还没有", "仍然没有",
)  # fmt: skip
"""Words of who chases what was not done, in a title or text."""


class Word(msgspec.Struct, frozen=True):
    """What a person said of a topic; see `models.shifting.TopicWord`."""

    topic: str
    containing: str = ""
    called: str = ""
    demand: str = ""


@dataclass(frozen=True, eq=False)
class Texts:
    """Plain texts, each once; `codes` int64[t]: which of them is a ticket's."""

    codes: Int64
    each: tuple[str, ...]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        known: dict[str, int] = {}
        codes = np.fromiter((known.setdefault(text, len(known)) for text in texts), np.int64, len(texts))
        return cls(codes, tuple(map(plain, known)))

    def holding(self, any_of: Sequence[str]) -> Bool:
        """bool[t]: the tickets whose text holds one of these; each text is looked at once."""
        held = [any(words in text for words in any_of) for text in self.each]
        return np.asarray(np.array([*held, False], np.bool_)[self.codes])


@dataclass(frozen=True, eq=False)
class Assigned:
    """`topic`: of each ticket; `variant` int32[t]: the kind of request found in its text, -1 unknown;
    `failure` bool[t]: by the rule, or a person's word (`said`: topic to word). `found`: the topics were
    found in the text."""

    topic: Coded
    variant: Int32
    failure: Bool
    said: dict[str, str]
    found: bool

    @property
    def covered(self) -> float:
        codes = self.topic.codes
        return float((codes >= 0).mean()) if len(codes) else 0.0


_held: OrderedDict[str, Topics] = OrderedDict()
_lock = threading.Lock()


def texts_of(history: History) -> list[str]:
    """Title and text of each ticket, as one."""
    columns = [history.of_ticket[name] for name in ("title", "text")]
    parts = [np.array([*column.texts(), ""], object)[column.codes] for column in columns]
    return [f"{title} {text}".strip() for title, text in zip(*parts, strict=True)]


def found_in_text(history: History) -> Topics:
    """Topics of the tickets' texts; kept while the history is the same."""
    with _lock:
        kept = _held.get(history.token)
    if kept is None:
        kept = topics_of(texts_of(history))
        with _lock:
            _held[history.token] = kept
            while len(_held) > MOST_HELD:
                _held.popitem(last=False)
    return kept


def assigned(history: History, words: Sequence[Word], back: Bool) -> Assigned:
    """The topics of a desk. `back` bool[t]: the ticket repeats another."""
    texted = any((history.of_ticket[name].codes >= 0).any() for name in ("title", "text"))
    given = bool((history.topic.codes >= 0).any())
    count = len(history.tickets)
    found = found_in_text(history) if texted else Topics(np.full(count, -1, np.int32), (), np.zeros(0), 0.0)
    names = history.topic.texts() if given else list(found.labels)
    codes = history.topic.codes if given else found.codes
    variant = found.codes if given else np.where(found.codes >= 0, 0, -1).astype(np.int32)
    texts = Texts.of(texts_of(history) if texted else [""] * count)
    topic = _renamed(codes, names, words, texts)
    said = {word.called or word.topic: word.demand for word in words if word.demand}
    return Assigned(topic, variant, _failing(topic, texts, back, said), said, not given)


def _renamed(codes: Int32, names: Sequence[str], words: Sequence[Word], texts: Texts) -> Coded:
    """Under the names that people gave, one word after the other: a name that was given may be changed
    again."""
    known: dict[str, int] = {}
    places = [known.setdefault(name, len(known)) if name else -1 for name in names]
    new = np.array([*places, -1], np.int32)[codes]
    for word in words:
        if not word.called or word.topic not in known:
            continue
        mask = new == known[word.topic]
        if word.containing:
            mask &= texts.holding((plain(word.containing),))
        new[mask] = known.setdefault(word.called, len(known))
    return Coded(new, pa.array(list(known), pa.string())).used()


def _failing(topic: Coded, texts: Texts, back: Bool, said: dict[str, str]) -> Bool:
    """Caused by something not done or not done right: repeats and chasing; a person's word overrules."""
    rule = back | texts.holding(CHASING)
    word = np.array([*(said.get(name, "") for name in topic.texts()), ""], object)[topic.codes]
    return np.asarray(((word == "failure") | rule) & (word != "value"), np.bool_)
