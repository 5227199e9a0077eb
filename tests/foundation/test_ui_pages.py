"""The frame of every page: title, crumbs, forms, lists, light and dark, time zone, error pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django import forms
from django.core.exceptions import SuspiciousOperation
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template import engines
from django.test import Client, RequestFactory
from django.utils import timezone
from django.views import defaults
from django.views.csrf import csrf_failure

from towpath.foundation.people.models import Person
from towpath.foundation.ui.middleware import PersonTimeZone
from towpath.foundation.ui.templatetags.ui import initials


def rendered(source: str, address: str = "/", **context: Any) -> str:
    template = engines["django"].from_string("{% load ui %}" + source)
    return template.render(context, RequestFactory().get(address))


def page_of(blocks: str, **context: Any) -> str:
    return (
        engines["django"]
        .from_string('{% extends "ui/base.html" %}{% load ui %}' + blocks)
        .render(context, RequestFactory().get("/"))
    )


def test_a_title_is_written_once_and_stands_in_tab_and_heading() -> None:
    page = page_of("{% block title %}Lost at {{ step }}{% endblock %}", step="<Sign>")
    assert "<title>Lost at &lt;Sign&gt; · Towpath</title>" in page
    assert page.count("<h1>Lost at &lt;Sign&gt;</h1>") == page.count("<h1") == 1


def test_what_a_page_leaves_out_leaves_no_trace() -> None:
    page = page_of("{% block title %}T{% endblock %}")
    assert "subtitle" not in page
    assert "crumbs" not in page
    assert 'class="buttons"' not in page


def test_crumbs_lead_back_and_end_here() -> None:
    page = page_of(
        '{% block breadcrumbs %}{% crumb "Journeys" "/journeys/" %}{% crumb name %}{% endblock %}', name="<J>"
    )
    assert '<li><a href="/journeys/">Journeys</a></li><li aria-current="page">&lt;J&gt;</li>' in page


class Example(forms.Form):
    name = forms.CharField(help_text="As said.")
    live = forms.BooleanField(required=False)
    place = forms.CharField(widget=forms.HiddenInput, initial="x")


def test_a_field_ties_label_help_and_errors_to_its_input() -> None:
    shown = rendered("{% fields form %}", form=Example({"name": "", "place": "x"}))
    assert 'id="id_name_helptext"' in shown
    assert 'id="id_name_error" role="alert"' in shown
    assert shown.count('class="field"') == 2


def test_every_id_that_a_field_refers_to_exists() -> None:
    shown = rendered("{% fields form %}", form=Example({"name": "", "place": "x"}))
    named = shown.split('aria-describedby="')[1].split('"')[0].split()
    assert all(f'id="{name}"' in shown for name in named)


def test_a_list_says_where_we_are_and_keeps_its_filter() -> None:
    shown = rendered("{% paging page %}", "/?q=loan", page=Paginator(range(120), 50).page(2))
    assert "51 to 100 of 120" in shown
    assert "?q=loan&amp;page=1" in shown
    assert "?q=loan&amp;page=3" in shown


def test_an_empty_list_says_so() -> None:
    assert "Nothing to list" in rendered("{% paging page %}", page=Paginator([], 50).page(1))


@pytest.mark.parametrize(
    ("address", "direction", "next_sort"),
    [
        ("/", "none", "sort=name"),
        ("/?sort=name", "ascending", "sort=-name"),
        ("/?sort=-name", "descending", "sort=name"),
    ],
)
def test_a_head_cell_turns_the_order_around(address: str, direction: str, next_sort: str) -> None:
    shown = rendered('{% sort_head "Name" "name" %}', address)
    assert f'aria-sort="{direction}"' in shown
    assert f'href="?{next_sort}"' in shown


def test_progress_asks_only_while_work_goes_on() -> None:
    assert 'hx-get="/job/1/"' in rendered('{% progress "Reading" 3 40 "/job/1/" %}')
    over = rendered('{% progress "Reading" 40 40 %}')
    assert "hx-get" not in over
    assert "40 of 40" in over


def test_code_shows_values_with_their_shape_and_escaped() -> None:
    assert "&lt;script&gt;" in rendered("{% code_block value %}", value={"a": "<script>"})


@pytest.mark.parametrize(
    ("username", "full_name", "letters"),
    [("ada", "", "AD"), ("ada.lovelace", "", "AL"), ("x", "Ada King Lovelace", "AL"), ("q", "", "Q")],
)
def test_a_person_is_two_letters(username: str, full_name: str, letters: str) -> None:
    first, _space, last = full_name.partition(" ")
    assert initials(Person(username=username, first_name=first, last_name=last)) == letters


def choose(scheme: str, back: str = "/styleguide/") -> HttpResponse:
    answer: Any = Client().post("/appearance/", {"scheme": scheme, "next": back})
    return answer


@pytest.mark.django_db
def test_a_scheme_is_kept_in_a_cookie_that_scripts_cannot_read() -> None:
    answer = choose("dark")
    assert answer["Location"] == "/styleguide/"
    assert answer.cookies["scheme"].value == "dark"
    assert answer.cookies["scheme"]["httponly"]


@pytest.mark.django_db
def test_going_back_to_the_device_takes_the_cookie_away() -> None:
    assert choose("").cookies["scheme"]["max-age"] == 0


@pytest.mark.django_db
def test_it_refuses_a_scheme_that_does_not_exist() -> None:
    assert choose("pink").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""]
)
def test_a_choice_never_leads_to_another_site(back: str) -> None:
    assert choose("light", back)["Location"] == "/"


@pytest.mark.parametrize(
    ("cookie", "zone"),
    [
        ("Europe/Zurich", "Europe/Zurich"),
        ("Mars/Crater", "UTC"),
        ("../../etc/passwd", "UTC"),
        ("x" * 99, "UTC"),
        ("", "UTC"),
    ],
)
def test_times_are_in_the_zone_of_the_browser_or_the_organisation(cookie: str, zone: str) -> None:
    seen: list[str] = []

    def answer(_request: object) -> HttpResponse:
        seen.append(timezone.get_current_timezone_name())
        return HttpResponse()

    request = RequestFactory().get("/")
    request.COOKIES["timezone"] = cookie
    PersonTimeZone(answer)(request)
    assert seen == [zone]
    assert timezone.get_current_timezone_name() == "UTC"


def test_error_pages_say_what_to_do_and_need_nothing_that_may_be_broken() -> None:
    request = RequestFactory().get("/x/")
    assert "Try again in a minute" in defaults.server_error(request).content.decode()
    assert "Go back" in defaults.bad_request(request, SuspiciousOperation("x")).content.decode()
    assert "send the form once more" in csrf_failure(request).content.decode()


def test_a_record_that_is_not_there_is_named() -> None:
    page = defaults.page_not_found(RequestFactory().get("/x/"), Exception("There is no journey with key x."))
    assert "There is no journey with key x." in page.content.decode()
    assert "/x/" in page.content.decode()


@pytest.mark.parametrize("role", ["agent", "service_manager", "leader", "customer"])
def test_the_style_guide_is_for_administrators(
    role: str, person_with: Callable[..., Person], client_of: Callable[[Person], Client]
) -> None:
    assert client_of(person_with(role)).get("/styleguide/").status_code == 403


def test_the_style_guide_sends_its_chart_as_a_file(
    administrator: Person, client_of: Callable[[Person], Client]
) -> None:
    answer = client_of(administrator).get("/styleguide/chart.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert b"Preaccepted" in answer.content
