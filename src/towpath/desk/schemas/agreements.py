"""What was agreed with customers: the record that page, API and `--json` show."""

from __future__ import annotations

from datetime import datetime

import msgspec


class AgreementShown(msgspec.Struct, frozen=True):
    """One agreement. `targets`: working time by priority ("4h"), `otherwise` for all other tickets; `pauses`:
    classes of states in which its clock stands still."""

    name: str
    metric: str
    calendar: str
    targets: dict[str, str]
    otherwise: str
    pauses: tuple[str, ...]
    reopened: str


class AgreementsVersionShown(msgspec.Struct, frozen=True):
    """A version that was applied."""

    number: int
    at: datetime
    by: str


class AgreementsShown(msgspec.Struct, frozen=True):
    """Agreements in force. `version`: 0 where nothing was agreed yet. `text`: the YAML as it was applied.
    `versions`: the newest first."""

    version: int
    text: str
    calendars: tuple[str, ...]
    agreements: tuple[AgreementShown, ...]
    versions: tuple[AgreementsVersionShown, ...]
