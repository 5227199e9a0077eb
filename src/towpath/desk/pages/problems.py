"""The analysis of a problem, worked beside its ticket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from towpath.desk.actions.problems import save_analysis
from towpath.desk.queries.problems import problem_analysis
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.desk.rules.problem_analysis import (
    DIMENSIONS,
    MOST_CAUSES,
    MOST_PAIRS,
    TESTS,
    Analysis,
    Cause,
    Dimension,
    Pair,
    Test,
)
from towpath.desk.rules.state_wording import DIMENSION_WORDS, TEST_WORDS
from towpath.desk.schemas.problems import ProblemAnalysisShown
from towpath.foundation.access.routes import ActorRequest

Word = TypeVar("Word", Dimension, Test)
SPARE = 2
"""Empty pairs and causes that stand ready."""


@require_GET
def show(request: ActorRequest, name: str, number: str) -> HttpResponse:
    return _page(request, problem_analysis(request.actor, name, number))


@require_POST
def save(request: ActorRequest, name: str, number: str) -> HttpResponseBase:
    analysis = _sent(request)
    try:
        save_analysis(request.actor, name, number, analysis)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        shown = problem_analysis(request.actor, name, number)
        return _page(request, msgspec.structs.replace(shown, analysis=analysis), status=422)
    messages.success(request, _("Saved."))
    return redirect("desk:analysis", name, number)


def _sent(request: ActorRequest) -> Analysis:
    """What the form holds; pairs without words, and causes without words, are left out."""
    given = request.POST

    def text(name: str) -> str:
        return given.get(name, "").strip()

    kept, pairs = [], []
    for place in range(MOST_PAIRS + 1):
        words = [text(f"{part}-{place}") for part in ("is", "is-not", "distinction", "change")]
        if any(words):
            kept.append(place)
            pairs.append(Pair(_known(given.get(f"dimension-{place}", ""), DIMENSIONS), *words))
    causes = []
    for place in range(MOST_CAUSES + 1):
        if words_of_cause := text(f"cause-{place}"):
            tests = tuple(_known(given.get(f"test-{place}-{pair}", ""), TESTS) for pair in kept)
            causes.append(Cause(words_of_cause, tests, text(f"verified-{place}")))
    return Analysis(text("deviation"), tuple(pairs), tuple(causes))


def _known(text: str, words: Sequence[Word]) -> Word:
    """The word that was chosen, else the first."""
    return next((each for each in words if each == text), words[0])


def _page(request: ActorRequest, found: ProblemAnalysisShown, status: int = 200) -> HttpResponse:
    analysis = found.analysis
    spare = [Pair("what")] * max(0, min(SPARE, MOST_PAIRS - len(analysis.pairs)))
    pairs = [*enumerate([*analysis.pairs, *spare])]
    said = [(place, pair) for place, pair in pairs if pair.is_said]
    empty = [Cause("")] * max(0, min(SPARE, MOST_CAUSES - len(analysis.causes)))
    causes = [
        (place, cause, [(pair_place, pair, _test(cause, pair_place)) for pair_place, pair in said])
        for place, cause in enumerate([*analysis.causes, *empty])
    ]
    context: dict[str, Any] = {
        "found": found,
        "may": request.actor.may(MANAGE_DESK),
        "pairs": pairs,
        "causes": causes,
        "dimensions": DIMENSION_WORDS.items(),
        "choices": TEST_WORDS.items(),
    }
    return render(request, "desk/analysis.html", context, status=status)


def _test(cause: Cause, place: int) -> str:
    return cause.tests[place] if place < len(cause.tests) else ""
