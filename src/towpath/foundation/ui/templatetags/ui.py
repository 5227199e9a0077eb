"""Tags that pages are put together with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import template
from django.contrib.auth.models import AbstractBaseUser
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from towpath.foundation.ui import bars, rules

register = template.Library()


@register.simple_tag(takes_context=True)
def chosen_scheme(context: Context) -> str:
    """ "light" or "dark" where this browser chose one, else ""."""
    request = context.get("request")
    return rules.chosen_scheme(request.COOKIES) if request is not None else ""


@register.simple_tag(takes_context=True)
def schemes(context: Context) -> list[dict[str, object]]:
    """The looks to choose from: `value`, `label`, `pressed` ("true" for the one that holds)."""
    chosen = chosen_scheme(context)
    return [
        {"value": value, "label": label, "pressed": "true" if value == chosen else "false"}
        for value, label in rules.SCHEMES.items()
    ]


@register.simple_tag(takes_context=True)
def filled_block(context: Context, name: str) -> SafeString:
    """What the page puts into its block `name`, once more; empty when it leaves the block out.

    So a title is written once and stands in the browser's tab and in the heading.
    """
    blocks: BlockContext | None = getattr(context, "render_context", {}).get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks is not None else None
    if block is None:
        return SafeString("")
    return mark_safe(block.render(context).strip())  # noqa: S308 - the template engine rendered and escaped it


@register.simple_tag
def crumb(label: str, address: str = "") -> SafeString:
    """One place on the way to this page; without an address it is the page itself."""
    if not address:
        return format_html('<li aria-current="page">{}</li>', label)
    return format_html('<li><a href="{}">{}</a></li>', address, label)


@register.filter
def initials(person: AbstractBaseUser) -> str:
    """Two letters for a person: of the full name where it is known, else of the user name."""
    full_name = getattr(person, "get_full_name", str)() or person.get_username()
    words = full_name.replace(".", " ").replace("_", " ").replace("-", " ").split()
    letters = words[0][0] + words[-1][0] if len(words) > 1 else full_name[:2]
    return letters.upper()


@register.inclusion_tag("ui/parts/field.html")
def field(bound: BoundField, label: str = "") -> dict[str, Any]:
    """One field of a form: label, input, help and errors, tied together for those who listen to the page."""
    kind = getattr(bound.field.widget, "input_type", "")
    return {"field": bound, "kind": kind, "label": label or bound.label}


@register.inclusion_tag("ui/parts/fields.html")
def fields(form: BaseForm | None) -> dict[str, Any]:
    """All fields of a form, and what is wrong with the form as a whole."""
    return {"form": form}


@register.inclusion_tag("ui/parts/pages.html", takes_context=True)
def paging(context: Context, page: Page[Any]) -> dict[str, Any]:
    """Where we are in a list (Django's `Page`), the ways to its neighbours; the query stays."""
    return {"page": page, "request": context["request"]}


@register.inclusion_tag("ui/parts/sort_head.html", takes_context=True)
def sort_head(context: Context, label: str, key: str, *, number: bool = False) -> dict[str, Any]:
    """A table's head cell that sorts by `?sort=key` or `?sort=-key`; the page does the sorting."""
    request: HttpRequest = context["request"]
    current = request.GET.get("sort", "")
    direction = {key: "ascending", f"-{key}": "descending"}.get(current, "none")
    query = request.GET.copy()
    query["sort"] = f"-{key}" if direction == "ascending" else key
    query.pop("page", None)
    return {"label": label, "direction": direction, "query": query.urlencode(), "number": number}


@register.inclusion_tag("ui/parts/tabs.html", takes_context=True)
def tabs(context: Context, label: str, entries: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Pages side by side: `entries` are (label, address) pairs, the one that is open is marked, whatever
    query its address carries."""
    here = context["request"].path
    marked = [(name, address, address.partition("?")[0] == here) for name, address in entries]
    return {"label": label, "entries": marked}


@register.inclusion_tag("ui/parts/progress.html")
def progress(label: str, done: int | None, total: int | None, address: str = "") -> dict[str, Any]:
    """How far work has come. With an address the part asks it for its next state every second, by htmx.

    It answers with this part again, without an address once the work is over, which ends the asking.
    """
    return {"label": label, "done": done, "total": total, "address": address}


@register.simple_tag
def bar(share: float | None, said: str, tone: str = "") -> SafeString:
    return bars.share_bar(share, said, tone)


@register.simple_tag
def stacked_bar(parts: Sequence[bars.Part], said: str) -> SafeString:
    return bars.stacked_bar(parts, said)


@register.simple_tag
def spark(values: Sequence[float], said: str) -> SafeString:
    return bars.spark(values, said)


@register.simple_tag
def code_block(value: object, label: str = "") -> SafeString:
    """Text as it is, or any JSON value with its shape; it can be reached by keyboard, since it may scroll."""
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)
    return format_html(
        '<pre class="code-block" tabindex="0" role="region" aria-label="{}"><code>{}</code></pre>',
        label or gettext("Text"),
        text,
    )
