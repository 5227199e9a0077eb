"""Pages: drop a file, agree on its mapping, watch it being read, mend what was refused."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from towpath.events import actions, queries
from towpath.events.envelope import SHOWN_FIELDS
from towpath.events.fields import MEANINGS
from towpath.events.holdings import already_held
from towpath.events.importers import ImportFailed
from towpath.events.jobs import import_file
from towpath.events.mapping_text import load_mapping
from towpath.events.models import FileImport, QuarantinedRecord
from towpath.events.rules import WRITE_EVENTS
from towpath.events.sections import leads_of
from towpath.events.sniffing import Preview, examples, preview, sniff
from towpath.foundation.access.gate import fetch
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.home import home

PREVIEW_ROWS = 10
PAGE_ROWS = 50


@require_GET
def sources(request: ActorRequest) -> HttpResponse:
    sources = queries.sources(request.actor)
    context = {
        "sources": sources,
        "nameless": sum(source.nameless for source in sources),
        "imports": queries.imports(request.actor),
        "count": queries.count_events(request.actor),
        "may_write": request.actor.may(WRITE_EVENTS),
    }
    return render(request, "events/sources.html", context)


@require_http_methods(["GET", "POST"])
def new_import(request: ActorRequest) -> HttpResponseBase:
    if request.method == "GET":
        return render(request, "events/new_import.html")
    upload = request.FILES.get("file")
    if not isinstance(upload, TemporaryUploadedFile):
        return _refuse_upload(request, _("Choose a file, or drop one on the page."))
    path = _keep_upload(upload)
    try:
        draft = actions.draft_import(request.actor, path, upload.name or path.name, uploaded=True)
    except (ImportFailed, DocumentError) as error:
        path.unlink(missing_ok=True)
        return _refuse_upload(request, str(error).replace(path.name, upload.name or ""))
    return redirect("events:import", import_id=draft.pk)


def _refuse_upload(request: ActorRequest, reason: str) -> HttpResponse:
    return render(request, "events/new_import.html", {"refused": reason}, status=422)


def _keep_upload(upload: TemporaryUploadedFile) -> Path:
    """Move the upload to where imports lie; its own name is kept only as far as it is harmless."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", upload.name or "file")[-100:]
    path = home().uploads / f"{uuid4().hex}-{plain}"
    Path(upload.temporary_file_path()).rename(path)
    path.chmod(0o600)
    return path


@require_http_methods(["GET", "POST"])
def show_import(request: ActorRequest, import_id: UUID) -> HttpResponseBase:
    found = fetch(FileImport, request.actor, pk=import_id)
    if found.state != FileImport.State.DRAFT:
        context = {"report": queries.report_of(found), "leads": leads_of(found.source)}
        partial = getattr(request, "htmx", False)
        return render(request, "events/progress.html" if partial else "events/import.html", context)
    if request.method == "POST" and request.POST.get("do") == "discard":
        actions.discard_import(request.actor, found)
        messages.success(request, _("%(file)s was put aside; nothing was imported.") % {"file": found.name})
        return redirect("events:sources")
    text = request.POST.get("mapping", found.mapping)
    if request.method == "POST" and request.POST.get("do") == "import":
        try:
            _look(found, text)
        except (DocumentError, ImportFailed):
            return _draft_page(request, found, text)
        with suppress(actions.AlreadyBegun), transaction.atomic():
            actions.confirm_import(request.actor, found, text)
            import_file.enqueue(str(found.pk))
        return redirect("events:import", import_id=found.pk)
    return _draft_page(request, found, text)


def _look(draft: FileImport, text: str) -> Preview:
    """The first rows by this mapping. Raises DocumentError, or ImportFailed where it does not fit."""
    return preview(Path(draft.path), load_mapping(text, _("the mapping")), rows=PREVIEW_ROWS)


def _draft_page(request: ActorRequest, draft: FileImport, text: str) -> HttpResponse:
    """The mapping as it stands, and ten rows as they will be understood by it."""
    context = {"draft": draft, "mapping": text, "fields": SHOWN_FIELDS, "meanings": MEANINGS}
    # By the mapping as it was proposed: what is typed may not be one at the moment.
    with suppress(DocumentError, ImportFailed):
        context["columns"] = examples(Path(draft.path), load_mapping(draft.mapping, draft.name))
    try:
        if text == draft.mapping:
            context["doubts"] = sniff(Path(draft.path), name=draft.name).doubts
        shown = _look(draft, text)
    except (DocumentError, ImportFailed) as failure:
        context["error"] = str(failure)
        return render(request, "events/draft.html", context, status=422 if request.method == "POST" else 200)
    context["held"] = already_held(request.actor, load_mapping(text, _("the mapping")), draft.digest)
    context["rows"] = [[row.get(name) for name in SHOWN_FIELDS] for row in shown.rows]
    context["refused"] = shown.refused
    return render(request, "events/draft.html", context)


@require_GET
def quarantine(request: ActorRequest) -> HttpResponse:
    state = request.GET.get("state", QuarantinedRecord.State.WAITING)
    if state not in QuarantinedRecord.State.values:
        state = QuarantinedRecord.State.WAITING
    source, text = request.GET.get("source", ""), request.GET.get("text", "")
    rows = queries.quarantined(request.actor, source=source, state=state, text=text)
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "state": state,
        "states": QuarantinedRecord.State.choices,
        "source": source,
        "text": text,
    }
    return render(request, "events/quarantine.html", context)


@require_http_methods(["GET", "POST"])
def quarantined_record(request: ActorRequest, record_id: int) -> HttpResponseBase:
    record = fetch(QuarantinedRecord, request.actor, pk=record_id)
    raw = request.POST.get("raw", record.mended or record.raw)
    if request.method == "POST" and request.POST.get("do") == "dismiss":
        try:
            actions.dismiss_record(request.actor, record)
            messages.success(request, _("Dismissed. It stays in the list under “dismissed”."))
        except actions.AlreadySettled as settled:
            messages.error(request, str(settled))
        return redirect("events:quarantine")
    if request.method == "POST":
        try:
            actions.mend_record(request.actor, record, raw)
        except actions.CannotReplay as reason:
            context = {"record": record, "raw": raw, "error": str(reason)}
            return render(request, "events/quarantined_record.html", context, status=422)
        messages.success(request, _("Mended: the event is in the lake now."))
        return redirect("events:quarantine")
    return render(request, "events/quarantined_record.html", {"record": record, "raw": raw})
