"""Whether the home is its owner's alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from towpath.events.keeping.findings import Finding
from towpath.foundation.operations.home import Home

OTHERS = 0o077


def permissions(home: Home) -> Iterator[Finding]:
    """The home and its folders must be 700, secrets 600."""
    for folder in (home.root, home.lake, home.staging, home.uploads, home.secrets):
        if folder.is_dir():
            yield from _open_to_others(folder, "700")
    if home.secrets.is_dir():
        for file in sorted(home.secrets.iterdir()):
            yield from _open_to_others(file, "600")


def _open_to_others(path: Path, wanted: str) -> Iterator[Finding]:
    mode = path.stat().st_mode & 0o777
    if mode & OTHERS:
        what = _("Others on this machine may look into it (mode %(mode)s).") % {"mode": f"{mode:o}"}
        advice = _("Run: chmod %(wanted)s %(path)s") % {"wanted": wanted, "path": path}
        if wanted == "600":
            advice = _("%(advice)s. If others had access, draw a new secret.") % {"advice": advice}
        yield Finding("permissions", "grave", what, str(path), advice, False)
