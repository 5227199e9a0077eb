"""Taking a person out of what this area keeps."""

from __future__ import annotations

import shutil

from towpath.foundation.operations.forgetting import Person, Turn, erases
from towpath.foundation.operations.home import home


@erases("kept stories", Turn.LAST)
def forget_stories(_person: Person) -> int:
    """All that `measures.stories` keeps goes, as it is made again from the events that are left; returns how
    many ranges of customers that were."""
    kept = list((home().root / "stories").glob("*"))
    for ranged in kept:
        shutil.rmtree(ranged, ignore_errors=True)
    return len(kept)
