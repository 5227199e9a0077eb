"""Charts are declared once, in Python (Altair), and shown three ways: in the page, as a table, as a file.

A chart names colours by the tokens of `tokens.css` ("var(--canal)"). In the page they follow light, dark and
print by themselves; for files they are replaced by the values of one of the two. Altair is loaded by the
functions that draw: it takes longer to load than most pages to make.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import vl_convert
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from towpath.foundation.ui.twins import twins

if TYPE_CHECKING:
    import altair as alt

Spec = dict[str, Any]
Form = Literal["svg", "png", "pdf"]
Scheme = Literal["light", "dark"]

TOKENS = Path(__file__).parent / "static/ui/tokens.css"
EXPORT_WIDTH = 900
MEDIA_TYPES: dict[Form, str] = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}

AXIS = {
    "domainColor": "var(--line)",
    "gridColor": "var(--line)",
    "tickColor": "var(--line)",
    "labelColor": "var(--mute)",
    "titleColor": "var(--mute)",
    "labelFontSize": 12,
    "titleFontSize": 12,
    "titleFontWeight": 500,
    "labelPadding": 6,
    "titlePadding": 10,
}
THEME: Spec = {
    "aria": False,
    "background": "transparent",
    "font": "Inter, Chinese, system-ui, sans-serif",
    "padding": 4,
    "view": {"stroke": None, "continuousHeight": 240},
    "axis": AXIS,
    "axisX": {"grid": False, "labelOverlap": "parity", "labelSeparation": 8},
    "axisY": {"domain": False, "ticks": False},
    "legend": {
        "labelColor": "var(--mute)",
        "titleColor": "var(--mute)",
        "labelFontSize": 12,
        "titleFontSize": 12,
    },
    "header": {"labelColor": "var(--mute)", "titleColor": "var(--mute)"},
    "title": {"color": "var(--ink)", "fontSize": 14, "anchor": "start"},
    "text": {"color": "var(--ink)", "fontSize": 12},
    "mark": {"color": "var(--canal)"},
    "bar": {"cornerRadiusEnd": 3},
    "line": {"strokeWidth": 2},
    "rule": {"color": "var(--warn)", "strokeDash": [4, 3]},
    "range": {
        "category": [f"var(--series-{place})" for place in range(1, 7)],
        "ramp": ["var(--canal-soft)", "var(--canal-strong)"],
        "heatmap": ["var(--canal-soft)", "var(--canal-strong)"],
        "ordinal": ["var(--canal-soft)", "var(--canal-strong)"],
        "diverging": ["var(--harm)", "var(--chip)", "var(--canal)"],
    },
}
"""Vega-Lite's configuration in our tokens. `aria` is off: title, description and table are ours."""


class Chart(Protocol):
    """What any Altair chart is, single, layered or side by side."""

    def to_dict(self) -> Spec: ...


def inline(rows: Sequence[Mapping[str, Any]]) -> alt.Data:
    """Rows as a chart's data. Times go in as ISO 8601 text in the person's zone, without an offset."""
    import altair as alt

    return alt.Data(values=[dict(row) for row in rows])  # type: ignore[no-untyped-call]


def spec_of(chart: Chart) -> Spec:
    """The chart's Vega-Lite specification under our theme; a single view without a width fills its place."""
    spec = chart.to_dict()
    own = {name: value for name, value in spec.pop("config", {}).items() if name != "view"}
    spec["config"] = {**THEME, **own}
    if "mark" in spec or "layer" in spec:
        spec.setdefault("width", "container")
        spec.setdefault("autosize", {"type": "fit-x", "contains": "padding"})
    return spec


def chart_tag(chart: Chart, title: str, description: str) -> SafeString:
    """The chart as a <figure> with its data as JSON, drawn by `chart.js`, and the same figures as a table.

    `description` says in a sentence what is to be seen, under the title and to screen readers.
    """
    spec = {**spec_of(chart), "description": f"{title}. {description}"}
    digest = hashlib.sha256(json.dumps([title, spec], sort_keys=True, default=str).encode()).hexdigest()
    context = {
        "id": f"chart-{digest[:12]}",
        "spec": spec,
        "title": title,
        "description": description,
        "tables": twins(spec),
    }
    return render_to_string("ui/parts/chart.html", context)


def picture(chart: Chart, form: Form, scheme: Scheme = "light") -> bytes:
    """The chart as a file of its own, on the background of a card. Nothing is fetched from anywhere."""
    spec = spec_of(chart)
    if spec.get("width") == "container":
        spec["width"] = EXPORT_WIDTH
    spec["config"]["background"] = "var(--card)"
    literal = json.loads(_literal(json.dumps(spec), scheme))
    if form == "svg":
        return vl_convert.vegalite_to_svg(literal, allowed_base_urls=[]).encode()
    if form == "png":
        return vl_convert.vegalite_to_png(literal, scale=2, allowed_base_urls=[])
    return vl_convert.vegalite_to_pdf(literal, allowed_base_urls=[])


def picture_response(chart: Chart, form: Form, name: str, scheme: Scheme = "light") -> HttpResponse:
    """A download of `picture`, as `name` with the form's ending."""
    response = HttpResponse(picture(chart, form, scheme), content_type=MEDIA_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


@functools.cache
def palette(scheme: Scheme) -> dict[str, str]:
    """The colour tokens' values: {"canal": "#0f766e", ...}, read from the one place where they are stated."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", TOKENS.read_text())
    return {name: light if scheme == "light" else dark for name, light, dark in found}


def _literal(text: str, scheme: Scheme) -> str:
    return re.sub(r"var\(--([\w-]+)\)", lambda found: palette(scheme)[found[1]], text)
