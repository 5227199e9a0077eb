"""Topics found in texts, of any language that is written in words or characters, without any label.

Texts become TF-IDF of words and of character n-grams (so that endings, compounds and languages without spaces
count), reduced by singular values, of length one. They are grouped by k-means for several numbers of topics;
the fewest with nearly the best simplified silhouette (own centre against the next, Hruschka 2006) are taken.
A text that is near to no topic belongs to none: coverage says how many have one. Each different text is
looked at once, so that the same text has the same topic everywhere; texts are taken in their own order, so
that the order of tickets changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int32]
NONE = -1
MOST_FITTED = 12_000
"""Different texts of which the topics are made; the others are put to the nearest of these."""
FEWEST = 30
"""Different texts below which no topics are looked for."""
DIMENSIONS, MOST_TOPICS, SEED = 120, 160, 20_090
LEAST_ALIKE = 0.2
"""Cosine to the centre of its topic, below which a text belongs to none."""
NEARLY = 0.97
"""The fewest topics that separate nearly as well as the best number: more of them are only smaller pieces."""
WORDS = 3
"""In a label."""
BATCH = 20_000
ONE_LETTER, TWO_LETTERS = r"\w+", r"\w\w+"
"""Patterns of words, to count and to name by."""
_SPACE, _NUMBER = re.compile(r"\s+"), re.compile(r"\d+")


@dataclass(frozen=True, eq=False)
class Topics:
    """`codes` int32[n]: a topic for each text, NONE where it belongs to none. `labels`: telling words of
    each topic. `tightness` float64[topics]: mean cosine of its texts to their centre. `covered`: share of the
    texts that have a topic."""

    codes: Codes
    labels: tuple[str, ...]
    tightness: npt.NDArray[np.float64]
    covered: float


def plain(text: str) -> str:
    """A text as it is compared: compatible characters, no case, numbers as 0, single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _SPACE.sub(" ", _NUMBER.sub("0", folded)).strip()


def topics_of(texts: Sequence[str]) -> Topics:
    """The topics of texts. Empty ones belong to none; too few different ones have no topics."""
    compared = [plain(text) for text in texts]
    distinct = sorted(set(compared) - {""})
    if len(distinct) < FEWEST:
        return Topics(np.full(len(texts), NONE, np.int32), (), np.zeros(0), 0.0)
    # Every so many of the sorted: a sample that does not hang on the order of tickets.
    step = max(1, -(-len(distinct) // MOST_FITTED))
    space = _Space(distinct[::step])
    centres = _centres(space.fitted)
    code, near = _assigned(space, distinct, centres)
    code, labels, tightness = _named(distinct, code, near, len(centres))
    place = dict(zip(distinct, code.tolist(), strict=True))
    codes = np.array([place.get(text, NONE) for text in compared], np.int32)
    return Topics(codes, labels, tightness, float((codes >= 0).mean()))


class _Space:
    """Texts as points on a sphere."""

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        least = 2 if len(texts) >= 200 else 1
        settings: dict[str, Any] = {"sublinear_tf": True, "min_df": least, "lowercase": False}
        self._word = TfidfVectorizer(token_pattern=ONE_LETTER, max_df=0.4, **settings)
        self._part = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), max_features=60_000, **settings)
        counted = self._counted(texts, fit=True)
        size = max(2, min(DIMENSIONS, min(counted.shape) - 1))
        self._reduce = TruncatedSVD(size, random_state=SEED, n_iter=4)
        self.fitted = _unit(self._reduce.fit_transform(counted))

    def _counted(self, texts: Sequence[str], *, fit: bool = False) -> Any:
        from scipy.sparse import hstack

        parts = (self._word, self._part)
        return hstack([each.fit_transform(texts) if fit else each.transform(texts) for each in parts]).tocsr()

    def points(self, texts: Sequence[str]) -> Floats:
        return _unit(self._reduce.transform(self._counted(texts)))


def _unit(points: npt.NDArray[Any]) -> Floats:
    length = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(points / np.maximum(length, 1e-9), np.float32)


def _centres(points: Floats) -> Floats:
    """Of the number of topics that separates best."""
    from sklearn.cluster import KMeans

    tried: list[tuple[float, Floats]] = []
    for count in numbers(len(points)):
        found = KMeans(count, n_init=1, random_state=SEED, max_iter=60).fit(points)
        centres = _unit(found.cluster_centers_)
        tried.append((_silhouette(points, centres), centres))
    enough = NEARLY * max(score for score, _centres in tried)
    return next(centres for score, centres in tried if score >= enough)


def numbers(points: int) -> list[int]:
    """The numbers of topics that are tried, a quarter more each time: 2 to 160, at most a sixth of texts."""
    most, found = min(MOST_TOPICS, points // 6), [2]
    while (following := max(found[-1] + 1, round(found[-1] * 1.25))) <= most:
        found.append(following)
    return found


def _silhouette(points: Floats, centres: Floats) -> float:
    """Simplified: distances to centres in place of those to all others. Mean over topics' points."""
    distance = 1 - points @ centres.T
    two = np.partition(distance, 1, axis=1)[:, :2]
    return float(np.mean((two[:, 1] - two[:, 0]) / np.maximum(two[:, 1], 1e-9)))


def _assigned(space: _Space, texts: Sequence[str], centres: Floats) -> tuple[Codes, Floats]:
    """The nearest topic of each text, NONE where none is near, and the cosine to it."""
    codes, nearness = [], []
    for begin in range(0, len(texts), BATCH):
        cosine = space.points(texts[begin : begin + BATCH]) @ centres.T
        code, near = cosine.argmax(axis=1), cosine.max(axis=1)
        codes.append(np.where(near >= LEAST_ALIKE, code, NONE).astype(np.int32))
        nearness.append(near)
    return np.concatenate(codes), np.concatenate(nearness)


def _named(
    texts: Sequence[str], code: Codes, near: Floats, topics: int
) -> tuple[Codes, tuple[str, ...], npt.NDArray[np.float64]]:
    """Topics largest first, those without a text left out, with labels and tightness."""
    held = code >= 0
    size = np.bincount(code[held], minlength=topics)
    order = [int(topic) for topic in np.argsort(-size, kind="stable") if size[topic]]
    new = np.full(topics + 1, NONE, np.int32)
    new[order] = np.arange(len(order))
    total = np.bincount(code[held], near[held], minlength=topics)
    renamed = new[code]
    return renamed, _labels(texts, renamed, len(order)), total[order] / size[order]


def _labels(texts: Sequence[str], code: Codes, topics: int) -> tuple[str, ...]:
    """Words that tell a topic from the others: share of its texts, by how much more than elsewhere."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(token_pattern=TWO_LETTERS, binary=True, lowercase=False)
    try:
        counted = counter.fit_transform(texts)
    except ValueError:  # No text has a word of two letters.
        return tuple(str(topic + 1) for topic in range(topics))
    words, whole = counter.get_feature_names_out(), np.asarray(counted.sum(axis=0)).ravel()
    labels: list[str] = []
    for topic in range(topics):
        rows = np.flatnonzero(code == topic)
        inside = np.asarray(counted[rows].sum(axis=0)).ravel()
        lift = (inside / len(rows)) * np.log((inside + 0.1) / len(rows) / ((whole + 1) / (len(texts) + 1)))
        best = [str(words[place]) for place in np.argsort(-lift, kind="stable")[:WORDS] if lift[place] > 0]
        label = " ".join(best) or str(topic + 1)
        labels.append(label if label not in labels else f"{label} ({topic + 1})")
    return tuple(labels)
