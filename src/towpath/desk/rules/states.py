"""What a ticket's state means: a class of states, by the source's own words or by the usual ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

STATES = (
    "new",
    "queued",
    "working",
    "waiting_customer",
    "waiting_supplier",
    "waiting",
    "resolved",
    "closed",
    "cancelled",
    "unknown",
)
"""A state's code is its place here. `waiting`: for whom is not known, or for something else than people."""

NEW, QUEUED, WORKING, WAITING_CUSTOMER, WAITING_SUPPLIER, WAITING, RESOLVED, CLOSED, CANCELLED, UNKNOWN = (
    range(len(STATES))
)
NAMED = STATES[:-1]
"""The classes that a reading may name; what it names nowhere is unknown."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(" / "))


USUAL: dict[str, tuple[str, ...]] = {
    "cancelled": _words(
        "cancel* / withdrawn / duplicate* / rejected / declined / won't do / merged / removed / "
        "cancelad* / anulad* / rechazad* / avbruten / avbrut* / makulerad* / storniert / abgebrochen / "
        "abgelehnt / annul* / rejet* / refus* / 已取消 / 取消 / 已拒绝 / 已合并"
    ),
    "closed": _words(
        "closed* / close / archived / cerrad* / stängd* / avslutad* / geschlossen* / clos / clôtur* / "
        "fermé* / 已关闭 / 关闭"
    ),
    "resolved": _words(
        "resolved* / solved* / done* / completed* / complete / fixed* / fulfilled / resuelt* / "
        "solucionad* / löst* / lösta / klar / åtgärdad* / gelöst* / erledigt* / behoben* / résolu* / "
        "terminé* / 已解决 / 已完成 / 完成"
    ),
    "waiting_customer": _words(
        "*wait*customer* / *wait*user* / *wait*caller* / *wait*requester* / *wait*client* / "
        "*wait*reporter* / *pending*customer* / *pending*user* / *on hold*customer* / "
        "*on hold*caller* / *needs info* / more info* / *esper*cliente* / *esper*usuario* / "
        "*vänt*kund* / *vänt*användare* / *wart*kunde* / *wart*anwender* / *attente*client* / "
        "*attente*utilisateur* / *等待*客户* / *等待*用户*"
    ),
    "waiting_supplier": _words(
        "*wait*vendor* / *wait*supplier* / *wait*third party* / *wait*3rd party* / *wait*provider* / "
        "*pending*vendor* / *pending*supplier* / *on hold*vendor* / *esper*proveedor* / "
        "*vänt*leverantör* / *wart*lieferant* / *attente*fournisseur* / *等待*供应商*"
    ),
    "waiting": _words(
        "*wait* / *pending* / *on hold* / *suspended* / *blocked* / *paused* / *espera* / *pendiente* / "
        "*vänt* / *pausad* / *wart* / *zurückgestellt* / *attente* / *suspendu* / *等待* / *挂起* / "
        "*暂停*"
    ),
    "working": _words(
        "*in progress* / work in progress / *working* / active / started / *investigat* / processing* / "
        "*diagnos* / accepted / open*in progress* / en curso / en progreso / trabajando / pågår* / "
        "pågående / *in bearbeitung* / *en cours* / processing (* / 进行中 / 处理中"
    ),
    "queued": _words(
        "queued / assigned / *assignment* / triaged / to do / backlog / reopened / re-opened / "
        "asignad* / en cola / tilldelad* / zugewiesen* / assigné* / attribué* / processing (assigned) / "
        "已分配 / 重新打开"
    ),
    "new": _words(
        "new / open / opened / registered / logged / submitted / created / nuevo / nueva / abiert* / "
        "ny / nytt / öppen / öppet / neu / offen / nouveau / nouvelle / ouvert* / 新建 / 新 / 打开 / "
        "开放"
    ),
}
"""The words of helpdesks in English, Spanish, Swedish, German, French and Chinese, in lower case. The first
class that has a fitting word counts."""


def class_of(raw: str | None, states: Mapping[str, Sequence[str]] | None) -> str:
    """The class of the state that a source writes as `raw`: an equal word first, then the patterns in the
    order written, whatever the case. `states` None: by the usual words."""
    if raw is None:
        return "unknown"
    if states is not None:
        for name, words in states.items():
            if raw in words:
                return name
    low = raw.strip().casefold()
    named = USUAL if states is None else states
    fitting = (name for name, words in named.items() for word in words if fnmatchcase(low, word.casefold()))
    return next(fitting, "unknown")
