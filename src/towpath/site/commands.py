"""Commands about Towpath as a whole."""

from __future__ import annotations

import json

import click

from towpath.site.api import PREFIX, api
from towpath.site.route_table import table


@click.command()
def routes() -> None:
    """Every address, and who may open it (`docs/routes.md`)."""
    click.echo(table(), nl=False)


def openapi_document() -> str:
    """The API's OpenAPI document, in the form that is kept as `docs/openapi.json`."""
    return json.dumps(api.get_openapi_schema(path_prefix=PREFIX), indent=1, ensure_ascii=False) + "\n"


@click.command()
def openapi() -> None:
    """The API's OpenAPI document (`docs/openapi.json`)."""
    click.echo(openapi_document(), nl=False)


COMMANDS = (routes, openapi)
