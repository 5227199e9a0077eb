"""What all commands have in common: how they end, and how they print for programs."""

from __future__ import annotations

import click

DONE, REFUSED, NOT_DONE = 0, 1, 2
"""Exit codes: done; done, but something was refused or found; not done."""

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
