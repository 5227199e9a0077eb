"""`TOWPATH_HOME`: the one folder that holds all that Towpath writes."""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True)
class Home:
    """Where things lie under one root. Nothing is created until `prepare` is called."""

    root: Path

    @property
    def records(self) -> Path:
        return self.root / "records.sqlite3"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def inbox(self) -> Path:
        return self.root / "inbox.sqlite3"

    @property
    def staging(self) -> Path:
        return self.root / "staging"

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    def prepare(self) -> None:
        """Create the folders, readable by their owner alone. Safe to call again."""
        for folder in (self.root, self.lake, self.staging, self.uploads, self.secrets):
            folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)

    def secret(self, name: str) -> str:
        """A random secret of that name: drawn once, kept in a file of mode 600, the same ever after."""
        path = self.secrets / name
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            self.write_secret(name, secrets.token_urlsafe(48))
            return path.read_text().strip()

    def write_secret(self, name: str, value: str) -> Path:
        """Keep a secret in a file of mode 600; one that another process wrote first is left as it is."""
        self.prepare()
        path = self.secrets / name
        draft = path.with_name(f".{name}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(value)
            # Linked when it is whole: another process that starts now never reads half a secret.
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
        return path


def home() -> Home:
    """The home that `TOWPATH_HOME` names, else `~/.local/share/towpath`."""
    named = os.environ.get("TOWPATH_HOME", "").strip()
    return Home(Path(named).expanduser().resolve() if named else Path.home() / ".local/share/towpath")
