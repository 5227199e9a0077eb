"""What is missing in some rows, guessed from those that say it; how sure a guess is is measured, not claimed.

Rows that say the value are split by a hash of their key: most teach (naive Bayes on words, word pairs and
facts), a part turns scores into shares that were right (isotonic regression), and a part that neither saw
counts how often that held. Rows that never say the value may differ from those that do; that cannot be
measured.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

from towpath.analytics.intervals import wilson

Bool = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
NONE = -1
FEWEST = 200
"""Rows that say the value, below which nothing is guessed: a fifth of them measures."""
FEWEST_OF_ONE = 5
"""Rows of one value below which it is not learned."""
FEWEST_NAMED = 20
"""Rows that name a value in words, below which how often that is right is not known."""
LEAST_SURE = 0.5
"""Shares below which no guess is made: it would be wrong more often than right."""
MOST_SURE = 0.99
MOST_TAUGHT, MOST_VALUES, MOST_MARKS = 30_000, 300, 20_000
BATCH = 10_000
SPLIT = (0.6, 0.8)
EDGES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
SHORTEST_NAME, SHORTEST_IDENTIFIER = 4, 6
_TELLING = re.compile(r"[\d@]|-[a-p]{16}$")
FACT = "\x1f"
"""Between the text of a row and its facts, as `row_of` joins them."""
_WORD, _WIDE = re.compile(r"\w\w+"), re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_TOKEN = re.compile(r"[^\s,;()<>\[\]\"“”]+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Reliability:
    """Of the held-out rows guessed with a share from `least` to below `most`: how many, what was said on
    average, how many were right, and Wilson's 95 % interval of that."""

    least: float
    most: float
    rows: int
    said: float
    right: int
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Guessed:
    """`value` int64[n]: the value guessed for each row that says none, NONE where none is sure enough, and
    for those that say it; `share` float64[n]: of such guesses how many are right, nan where there is none.
    `refused`: "few" (too few rows say it), "alike" (they all say the same), "" otherwise. `said`: rows that
    say it; `held_out`: of these, those that measured; `covered`: share of these that were guessed at all."""

    value: Int64
    share: Floats
    refused: str
    said: int
    held_out: int = 0
    covered: float = 0.0
    reliability: tuple[Reliability, ...] = ()


def row_of(text: str, facts: Sequence[str]) -> str:
    """A row as it is learned from: its text, and facts like "team=Front". The first two count together."""
    return FACT.join([folded(text).replace(FACT, " "), *facts])


def folded(text: str) -> str:
    """Compatible characters, no case, single spaces; numbers stay, as they may be part of a name."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def guess(rows: Sequence[str], values: Int64, keys: Sequence[str]) -> Guessed:
    """`rows` as of `row_of`, `values` int64[n] (NONE where it is not said), `keys`: they are split by."""
    said = np.flatnonzero(values >= 0)
    nothing = np.full(len(values), NONE, np.int64), np.full(len(values), np.nan)
    if len(said) < FEWEST:
        return Guessed(*nothing, "few", len(said))
    parts = _split(said, keys)
    taught, measuring, held = parts
    taught = _of_frequent(taught[:: max(1, -(-len(taught) // MOST_TAUGHT))], values)
    if len(np.unique(values[taught])) < 2:
        return Guessed(*nothing, "few" if len(np.unique(values[said])) > 1 else "alike", len(said))
    model = _Model(_at(rows, taught), values[taught])
    model.measure(_at(rows, measuring), values[measuring])
    guessed, sure = model.guess(_at(rows, held))
    told = _reliability(sure, guessed == values[held])
    value, share = nothing
    asked = np.flatnonzero(values < 0)
    value[asked], share[asked] = model.guess(_at(rows, asked))
    unsure = ~(share >= LEAST_SURE)
    value[unsure], share[unsure] = NONE, np.nan
    covered = float((sure >= LEAST_SURE).mean()) if len(held) else 0.0
    return Guessed(value, share, "", len(said), len(held), covered, told)


def _at(rows: Sequence[str], places: Int64) -> list[str]:
    return [rows[place] for place in places.tolist()]


def _split(said: Int64, keys: Sequence[str]) -> tuple[Int64, Int64, Int64]:
    """Rows that teach, that measure, and that are held out."""
    drawn = np.array([xxhash.xxh3_64_intdigest(keys[place].encode()) for place in said.tolist()], np.uint64)
    share = drawn / float(1 << 64)
    first, second = SPLIT
    return said[share < first], said[(share >= first) & (share < second)], said[share >= second]


def _of_frequent(rows: Int64, values: Int64) -> Int64:
    names, counts = np.unique(values[rows], return_counts=True)
    most = names[np.argsort(-counts, kind="stable")][:MOST_VALUES]
    kept = most[np.isin(most, names[counts >= FEWEST_OF_ONE])]
    return rows[np.isin(values[rows], kept)]


def _marks(row: str) -> Iterator[str]:
    text, *facts = row.split(FACT)
    words = _WORD.findall(text)
    yield from words
    yield from (f"{one} {other}" for one, other in pairwise(words))
    wide = _WIDE.findall(text)
    yield from (f"{one}{other}" for one, other in pairwise(wide))
    yield from facts
    yield FACT.join(facts[:2])


class _Model:
    def __init__(self, rows: Sequence[str], values: Int64) -> None:
        # Here, as it takes long to load, and most of what a process does needs none of it.
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.naive_bayes import MultinomialNB

        self._marks = CountVectorizer(analyzer=_marks, binary=True, max_features=MOST_MARKS)
        self._values = MultinomialNB(alpha=0.1).fit(self._marks.fit_transform(rows), values)
        self._share: Any = None

    def measure(self, rows: Sequence[str], values: Int64) -> None:
        """How often guesses of each score are right."""
        from sklearn.isotonic import IsotonicRegression

        guessed, score = self._scored(rows)
        fitted = IsotonicRegression(y_min=0.0, y_max=MOST_SURE, out_of_bounds="clip")
        self._share = fitted.fit(score, (guessed == values).astype(float))

    def guess(self, rows: Sequence[str]) -> tuple[Int64, Floats]:
        """The value of each row, and how many of such guesses are right."""
        guessed, score = self._scored(rows)
        return guessed, np.asarray(self._share.predict(score) if len(score) else score, np.float64)

    def _scored(self, rows: Sequence[str]) -> tuple[Int64, Floats]:
        """Each different row is looked at once."""
        known: dict[str, int] = {}
        at = np.fromiter((known.setdefault(row, len(known)) for row in rows), np.int64, len(rows))
        distinct = list(known)
        guessed, score = np.empty(len(distinct), np.int64), np.empty(len(distinct))
        for begin in range(0, len(distinct), BATCH):
            shares = self._values.predict_proba(self._marks.transform(distinct[begin : begin + BATCH]))
            best = shares.argmax(axis=1)
            guessed[begin : begin + BATCH] = self._values.classes_[best]
            score[begin : begin + BATCH] = shares[np.arange(len(best)), best]
        return guessed[at], score[at]


def _reliability(sure: Floats, right: Bool) -> tuple[Reliability, ...]:
    found = []
    for least, most in pairwise(EDGES):
        among = (sure >= least) & (sure < most)
        rows, hits = int(among.sum()), int((right & among).sum())
        if rows:
            low, high = (float(each) for each in wilson(hits, rows))
            found.append(Reliability(least, most, rows, float(sure[among].mean()), hits, low, high))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Named:
    """`value` int64[n]: the one value that a row's text names in words, NONE where it names none or several.
    `right` of `rows` that say a value and name one name the one they say; `share`: of these, None for too
    few."""

    value: Int64
    rows: int
    right: int

    @property
    def share(self) -> float | None:
        return self.right / self.rows if self.rows >= FEWEST_NAMED else None


def named_in(texts: Sequence[str], names: Sequence[str], values: Int64) -> Named:
    """Which of `names` (by value) a text holds, as whole words. `values` int64[n]: what rows say."""
    known = {folded(name): place for place, name in enumerate(names)}
    known = {name: place for name, place in known.items() if len(name) >= SHORTEST_NAME}
    found = np.full(len(texts), NONE, np.int64)
    if known:
        longest = sorted(known, key=lambda name: (-len(name), name))
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")
        seen: dict[str, int] = {}
        for place, text in enumerate(texts):
            if text not in seen:
                held = {known[name] for name in pattern.findall(folded(text))}
                seen[text] = held.pop() if len(held) == 1 else NONE
            found[place] = seen[text]
    return _agreeing(found, values)


def identifiers_in(texts: Sequence[str], identifiers: Sequence[str], values: Int64) -> Named:
    """Which of `identifiers` ("mail:a@b.example") a text holds, with or without its kind. Names of people are
    none: what counts holds a digit or an @, or is a masked token ("name-abcdefghijklmnop")."""
    known: dict[str, int] = {}
    for place, identifier in enumerate(identifiers):
        whole = folded(identifier)
        for spelling in {whole, whole.partition(":")[2]}:
            if len(spelling) >= SHORTEST_IDENTIFIER and _TELLING.search(spelling) and " " not in spelling:
                known[spelling] = NONE if known.get(spelling, place) != place else place
    seen: dict[str, int] = {}
    found = np.full(len(texts), NONE, np.int64)
    for place, text in enumerate(texts):
        if text not in seen:
            tokens = (each.strip(".:!?'") for each in _TOKEN.findall(folded(text)))
            held = {known[each] for each in tokens if each in known}
            seen[text] = held.pop() if len(held) == 1 else NONE
        found[place] = seen[text]
    return _agreeing(found, values)


def _agreeing(found: Int64, values: Int64) -> Named:
    both = (found >= 0) & (values >= 0)
    return Named(found, int(both.sum()), int((found[both] == values[both]).sum()))
