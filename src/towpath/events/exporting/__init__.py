"""Events out of the lake, a slice of time after the other: Parquet, CSV, OCEL 2.0."""

from towpath.events.exporting.choosing import Chosen
from towpath.events.exporting.drafts import ExportFailed
from towpath.events.exporting.exporting import FORMS, Exported, export_events

__all__ = ["FORMS", "Chosen", "ExportFailed", "Exported", "export_events"]
