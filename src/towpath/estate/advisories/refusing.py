"""What cannot be taken in."""

from __future__ import annotations


class AdvisoriesRefused(ValueError):
    """A file or archive of advisories that cannot be taken. Says where and what to do."""

    def __init__(self, file: str, what: str, remedy: str) -> None:
        super().__init__(f"{file}: {what} {remedy}")
        self.file, self.what, self.remedy = file, what, remedy
