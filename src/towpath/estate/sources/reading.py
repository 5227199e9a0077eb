"""From a file to a report, whatever its form."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from towpath.estate.sources.ansible import read_ansible
from towpath.estate.sources.kubernetes import read_kubernetes
from towpath.estate.sources.netbox import read_netbox
from towpath.estate.sources.nmap import read_nmap
from towpath.estate.sources.report import Report, ReportRefused
from towpath.estate.sources.tables import read_table

HEAD_BYTES = 65_536
_MANIFEST = re.compile(rb"^(apiVersion|kind)[ 	]*:", re.MULTILINE)
FORMS = ("nmap", "csv", "ansible", "netbox", "kubernetes")


def read_report(
    path: Path, form: str = "", *, site: str = "", complete: bool = False, at: datetime | None = None
) -> Report:
    """The report in the file. `form`: one of FORMS, found out where it is left empty. `site`: of a scan,
    where addresses are used at several places; of manifests, the cluster. `complete`, `at`: of a list, see
    `read_table`. Raises ReportRefused."""
    chosen = form or form_of(path)
    if chosen == "nmap":
        return read_nmap(path, site)
    if chosen == "ansible":
        return read_ansible(path)
    if chosen == "netbox":
        return read_netbox(path)
    if chosen == "kubernetes":
        return read_kubernetes(path, site)
    return read_table(path, at=at, complete=complete)


def form_of(path: Path) -> str:
    """What a file seems to be, by its beginning. Raises ReportRefused."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        what = f"It cannot be opened ({error.strerror})."
        raise ReportRefused(path.name, what, "Check its name and who may read it.") from error
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not begin:
        raise ReportRefused(path.name, "It is empty.", "Export it again.")
    if begin.startswith(b"<"):
        return "nmap"
    in_json = begin.startswith((b"{", b"["))
    if _MANIFEST.search(begin) or (in_json and b'"apiVersion"' in begin):
        return "kubernetes"
    if in_json:
        return "ansible" if b"ansible_" in begin else "netbox"
    return "csv"
