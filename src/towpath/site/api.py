"""The REST API: each area's router, in one OpenAPI document."""

from __future__ import annotations

from ninja import NinjaAPI

from towpath import __version__

api = NinjaAPI(title="Towpath", version=__version__, urls_namespace="api", docs_url=None)
