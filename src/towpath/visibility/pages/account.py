"""The account for leaders: one page, to read and to print."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_GET

from towpath.foundation.access.routes import ActorRequest
from towpath.visibility.pages import sheet
from towpath.visibility.pages.account_pictures import causes_bar, good_weeks, journeys_moved
from towpath.visibility.printing.pdf import pdf_of
from towpath.visibility.queries.account import NoSuchWeek, account, accounts


@require_GET
def show(request: ActorRequest) -> HttpResponse:
    """The newest account, or that of `?week=2026-W46`; before there is any, what is missing."""
    names = accounts(request.actor)
    if not names:
        return render(request, "visibility/no_account.html")
    try:
        shown = account(request.actor, request.GET.get("week", ""))
    except ValueError as error:
        raise NoSuchWeek(str(error)) from error
    change, tone = sheet.moved(shown)
    context = {
        "account": shown,
        "names": names,
        "title": sheet.title_of(shown),
        "span": sheet.span_of_week(shown),
        "moved": change,
        "tone": tone,
        "weeks": good_weeks(shown.weeks, standalone=False),
        "causes_bar": causes_bar(shown.split, standalone=False),
        "causes": sheet.causes_in_words(shown),
        "journeys": journeys_moved(shown.paces, standalone=False),
        "spoiled_by": sheet.spoiled_in_words(shown.spoiled_by),
        "saved_by": sheet.saved_in_words(shown.saved_by),
        "foot": sheet.foot_of(shown),
        "languages": settings.LANGUAGES,
    }
    return render(request, "visibility/account.html", context)


@require_GET
def printed(request: ActorRequest, year: int, week: int) -> HttpResponse:
    """The same as a PDF of one page, in the reader's language or in that of `?lang=sv`."""
    language = request.GET.get("lang", "") or translation.get_language() or settings.LANGUAGE_CODE
    if language not in dict(settings.LANGUAGES):
        known = ", ".join(dict(settings.LANGUAGES))
        raise Http404(f"There is no account in {language!r}. Choose one of {known}.")
    name = f"{year}-W{week:02d}"
    try:
        body = pdf_in(request, name, language)
    except ValueError as error:
        raise NoSuchWeek(str(error)) from error
    answer = HttpResponse(body, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="towpath-{name}-{language}.pdf"'
    return answer


def pdf_in(request: ActorRequest, name: str, language: str) -> bytes:
    """Raises NoSuchWeek, and ValueError for what is no week."""
    with translation.override(language):
        shown = account(request.actor, name)
        return pdf_of(sheet.sheet_of(shown), shown.as_of)
