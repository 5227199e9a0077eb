"""Manifests of Kubernetes: workloads, who sends them requests, and the volumes they claim. Secrets and
settings are never read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from towpath.estate.sources.documents import Told, json_of, mappings, part, text, text_of, yaml_of
from towpath.estate.sources.report import Report, ReportRefused, SeenItem, SeenLink

WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "CronJob", "Job", "Pod"})
READ = WORKLOADS | {"Service", "Ingress", "PodDisruptionBudget"}


def read_kubernetes(path: Path, cluster: str = "") -> Report:
    """The workloads of the file, in YAML or JSON, as `kubectl get -o yaml` or a repository holds them.
    `cluster`: on which they run. Raises ReportRefused."""
    begin = text_of(path).lstrip()[:1]
    documents = [json_of(path)] if begin in ("{", "[") else yaml_of(path)
    objects = [each for document in documents for each in _objects(document)]
    if not any(text(each, "kind") in WORKLOADS for each in objects):
        what = "It holds no workload (Deployment, StatefulSet, DaemonSet, CronJob, Job or Pod)."
        raise ReportRefused(
            path.name, what, "Take `kubectl get deployments,statefulsets,daemonsets -o yaml`."
        )
    found = _Found(objects, cluster)
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Report(
        "kubernetes", at, tuple(found.items.values()), tuple(found.links), doubts=tuple(found.doubts)
    )


def _objects(told: object) -> Iterator[Told]:
    if isinstance(told, list):
        for each in told:
            yield from _objects(each)
    elif isinstance(told, Mapping):
        if text(told, "kind").endswith("List") and isinstance(told.get("items"), list):
            yield from mappings(told["items"])
        else:
            yield told


class _Found:
    """Items and links of a file's objects."""

    def __init__(self, objects: list[Told], cluster: str) -> None:
        self.items: dict[str, SeenItem] = {}
        self.doubts: list[str] = []
        self.labels: dict[str, tuple[str, Mapping[str, Any]]] = {}
        links: list[SeenLink] = []
        works = [each for each in objects if text(each, "kind") in WORKLOADS and self._stands_alone(each)]
        self.names = Counter(text(each, "metadata", "name") for each in works)
        for each in works:
            links += self._workload(each, cluster)
        for each in objects:
            if text(each, "kind") == "Service":
                links += self._service(each)
        for each in objects:
            if text(each, "kind") == "PodDisruptionBudget":
                self._budget(each)
        unread = Counter(
            text(each, "kind") or "without a kind" for each in objects if text(each, "kind") not in READ
        )
        self.doubts += [f"{count} of the kind {kind} are not read." for kind, count in sorted(unread.items())]
        self.links = list(dict.fromkeys(links))

    def _stands_alone(self, each: Told) -> bool:
        """What another object made is that one's: the pods of a deployment are no applications."""
        if part(each, "metadata", "ownerReferences"):
            return False
        if text(each, "metadata", "name"):
            return True
        self.doubts.append(f"A {text(each, 'kind')} without a name was left out.")
        return False

    def _workload(self, each: Told, cluster: str) -> Iterator[SeenLink]:
        space, name = _space(each), text(each, "metadata", "name")
        ref = f"{space}/{name}"
        template = _template(each)
        spec = template.get("spec") if isinstance(template.get("spec"), Mapping) else {}
        images = sorted({text(one, "image") for one in mappings(part(spec, "containers"))} - {""})
        facts = {
            "namespace": space,
            "workload": text(each, "kind"),
            "replicas": text(each, "spec", "replicas"),
            "images": ", ".join(images),
            "owner": text(each, "metadata", "labels", "owner") or text(each, "metadata", "labels", "team"),
            "version": text(each, "metadata", "labels", "app.kubernetes.io/version"),
        }
        # Events name a workload plainly; only where two spaces use the name it takes both words to tell it.
        shown = name if self.names[name] == 1 else ref
        self.items[ref] = SeenItem(
            ref,
            "application",
            shown,
            (("name", shown),),
            {field: told for field, told in facts.items() if told},
        )
        labels = part(template, "metadata", "labels")
        self.labels[ref] = space, labels if isinstance(labels, Mapping) else {}
        if cluster:
            self.items.setdefault(f"cluster {cluster}", SeenItem(f"cluster {cluster}", "cluster", cluster))
            yield SeenLink("runs_on", ref, f"cluster {cluster}")
        for claim in _claims(each, spec):
            volume = f"claim {space}/{claim}"
            self.items.setdefault(volume, SeenItem(volume, "storage", f"{space}/{claim}"))
            yield SeenLink("depends_on", ref, volume)

    def _service(self, each: Told) -> Iterator[SeenLink]:
        """Who asks a service needs those it sends to. One that goes by its workload's name is that one."""
        space, name, wanted = _space(each), text(each, "metadata", "name"), part(each, "spec", "selector")
        if not isinstance(wanted, Mapping) or not wanted or not name:
            return
        behind = [
            ref for ref, (where, labels) in self.labels.items() if where == space and _holds(labels, wanted)
        ]
        if not behind:
            self.doubts.append(f"Service {space}/{name}: no workload of this file has its labels.")
        elif self.items.get(f"{space}/{name}") is None:
            ref = f"service {space}/{name}"
            self.items[ref] = SeenItem(ref, "application", name, (("name", name),), {"namespace": space})
            yield from (SeenLink("depends_on", ref, one) for one in behind)

    def _budget(self, each: Told) -> None:
        """How many must stay up while somebody drains a node."""
        wanted, least = part(each, "spec", "selector", "matchLabels"), text(each, "spec", "minAvailable")
        for ref, (space, labels) in self.labels.items():
            if least and isinstance(wanted, Mapping) and space == _space(each) and _holds(labels, wanted):
                item = self.items[ref]
                facts = {**item.facts, "min_available": least}
                self.items[ref] = SeenItem(item.ref, item.kind, item.name, item.keys, facts)


def _space(each: Told) -> str:
    return text(each, "metadata", "namespace") or "default"


def _template(each: Told) -> Mapping[str, Any]:
    """The pod that a workload makes."""
    if text(each, "kind") == "Pod":
        return each
    inner = (
        ("spec", "jobTemplate", "spec", "template")
        if text(each, "kind") == "CronJob"
        else ("spec", "template")
    )
    found = part(each, *inner)
    return found if isinstance(found, Mapping) else {}


def _claims(each: Told, spec: object) -> Iterator[str]:
    for volume in mappings(part(spec, "volumes")):
        if claim := text(volume, "persistentVolumeClaim", "claimName"):
            yield claim
    for claimed in mappings(part(each, "spec", "volumeClaimTemplates")):
        if name := text(claimed, "metadata", "name"):
            yield f"{name}-{text(each, 'metadata', 'name')}"


def _holds(labels: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return bool(wanted) and all(labels.get(name) == value for name, value in wanted.items())
