"""DuckDB as the lake uses it: built-in extensions only, no network, UTC, within a given memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from towpath.events.lake.layout import PARTITIONS, EventFile
from towpath.events.lake.storage import Store


def connect(memory: str, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """`spill`: folder for what does not fit into `memory` ("2GB")."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
            "preserve_insertion_order": False,
            "memory_limit": memory,
            **({"temp_directory": str(spill)} if spill else {}),
        }
    )
    connection.execute("set TimeZone = 'UTC'")
    return connection


def show_files(connection: duckdb.DuckDBPyConnection, name: str, paths: Sequence[Path]) -> None:
    """Local Parquet files as view `name`."""
    names = [str(path) for path in paths]
    files = connection.read_parquet(names, hive_partitioning=False, union_by_name=True)
    files.create_view(name, replace=True)


def show_events(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    store: Store,
    files: Sequence[EventFile],
    schema: pa.Schema,
) -> None:
    """Files of events as view `name` with the columns of `schema`, null where a file is too old for them.

    Without files it has no rows.
    """
    blank = f"{name}_blank"
    connection.register(blank, schema.empty_table())
    if not files:
        shown = f"from {blank}"
    elif store.local is None:
        connection.register(f"{name}_far", store.dataset([file.path for file in files], schema))
        shown = f"from {blank} union all by name from {name}_far"
    else:
        paths = [str(store.local / file.path) for file in files]
        partitions = set(PARTITIONS) <= set(schema.names)
        found = connection.read_parquet(paths, hive_partitioning=partitions, union_by_name=True)
        found.create_view(f"{name}_near", replace=True)
        shown = f"from {blank} union all by name from {name}_near"
    connection.sql(shown).create_view(name, replace=True)
