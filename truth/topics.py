"""Topics found in text against 77 labels that were not seen: banking77. See docs/truth.md."""

from __future__ import annotations

import csv
import gzip
import sys
from collections import Counter
from pathlib import Path

from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from towpath.analytics.topics import topics_of

DATA = Path(__file__).parents[2] / "shared/data/banking77/train.csv.gz"


def main() -> None:
    """Print the table; without the data say so."""
    if not DATA.is_file():
        sys.stdout.write("Topics: banking77 is not here, so they are not scored.\n")
        return
    with gzip.open(DATA, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = topics_of([row["text"] for row in rows])
    label, code = [row["category"] for row in rows], found.codes.tolist()
    most: Counter[str] = Counter()
    for (topic, _name), count in Counter(zip(code, label, strict=True)).items():
        most[topic] = max(most[topic], count)
    figures = (
        ("topics found (77 were labelled)", f"{len(found.labels)}"),
        ("texts with a topic", f"{found.covered:.1%}"),
        ("adjusted mutual information", f"{adjusted_mutual_info_score(label, code):.3f}"),
        ("adjusted Rand index", f"{adjusted_rand_score(label, code):.3f}"),
        ("purity", f"{sum(most.values()) / len(rows):.3f}"),
    )
    lines = ["| topics in text, labels unseen | measured |", "|---|---|"]
    sys.stdout.write("\n".join([*lines, *(f"| {name} | {figure} |" for name, figure in figures)]) + "\n")


if __name__ == "__main__":
    main()
