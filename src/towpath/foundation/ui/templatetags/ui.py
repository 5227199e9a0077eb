"""Tags that pages are put together with."""

from __future__ import annotations

from django import template
from django.contrib.auth.models import AbstractBaseUser
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from towpath.foundation.ui import rules

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
