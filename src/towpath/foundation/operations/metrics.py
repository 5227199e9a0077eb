"""What Prometheus reads at `/metrics`: what this process counted, and gauges that areas register."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Measure = Callable[[], float | Mapping[str, float]]
"""A figure, or one figure for each value of the gauge's label."""


class Gauges(Collector):
    """Gauges that are measured when they are asked for."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str, Measure]] = {}

    def add(self, name: str, description: str, measure: Measure, *, label: str = "") -> None:
        self._known[name] = (description, label, measure)

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not measure, since there may be no database yet."""
        return []

    def collect(self) -> Iterable[Metric]:
        for name, (description, label, measure) in self._known.items():
            family = GaugeMetricFamily(name, description, labels=[label] if label else [])
            measured = measure()
            if isinstance(measured, Mapping):
                for value, figure in measured.items():
                    family.add_metric([value], figure)
            else:
                family.add_metric([], measured)
            yield family


_gauges = Gauges()
REGISTRY.register(_gauges)


def gauge(name: str, description: str, measure: Measure, *, label: str = "") -> None:
    """Show a gauge at `/metrics`. `measure` runs at every scrape: it must be quick, and is not called before.

    With `label`, `measure` returns one figure for each of the label's values. Registering a name again
    replaces it.
    """
    _gauges.add(name, description, measure, label=label)


@require_safe
def metrics(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
