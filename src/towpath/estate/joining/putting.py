"""Many rows at once: Django's `bulk_create` spends most of a large report's time on making the statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, models


def put(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of values, in the order of the columns' names (`item_id`, not `item`). Columns that are not
    named have no value: they must be nullable. Within a transaction."""
    given = [[_adapted(value) for value in row] for row in rows]
    if not given:
        return
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name in names)
    places = ", ".join(["%s"] * len(names))
    sql = f"insert into {quote(model._meta.db_table)} ({columns}) values ({places})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(sql, given)


def _adapted(value: Any) -> Any:
    return _moment(value) if isinstance(value, datetime) else value


@lru_cache(maxsize=64)
def _moment(value: datetime) -> Any:
    """A report's rows share their times."""
    return connection.ops.adapt_datetimefield_value(value)
