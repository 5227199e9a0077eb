"""Structured logs: one JSON object a line, or readable lines at a terminal. Secrets never reach them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

REQUESTS = "towpath.requests"
FORMS = ("auto", "json", "text")
SERVER_ERROR = 500
SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "api_key")


def without_secrets(value: Any) -> Any:
    """The same JSON-like value, with "(hidden)" for every field, at any depth, whose name says it is a
    secret."""
    if isinstance(value, Mapping):
        return {
            name: "(hidden)" if _is_secret(str(name)) else without_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [without_secrets(inner) for inner in value]
    return value


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """structlog's processor for `without_secrets`."""
    for name, value in event.items():
        if _is_secret(name):
            event[name] = "(hidden)"
        elif isinstance(value, Mapping | list):
            event[name] = without_secrets(value)
    return event


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_WORDS)


class WithoutTraceback(logging.Filter):
    """A refusal is told in one line: it is no failure, and where in the code it arose says nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 500) < SERVER_ERROR:
            record.exc_info = record.exc_text = None
        return True


def is_readable(form: str) -> bool:
    """Lines for people: where `form` is "text", or "auto" at a terminal. Programs are given JSON."""
    return form == "text" or (form == "auto" and sys.stderr.isatty())


def _rendering(readable: bool) -> list[Any]:
    if readable:
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def logging_config(*, debug: bool, form: str = "auto") -> dict[str, Any]:
    """Configure structlog, and return what `logging.config.dictConfig` takes. `form`: one of FORMS.

    At a terminal no request is logged: the address and how to sign in must stay in sight."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    readable = is_readable(form)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *_rendering(readable),
                ],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": "DEBUG" if debug else "INFO"},
        "filters": {"without_traceback": {"()": WithoutTraceback}},
        "loggers": {
            "django.db.backends": {"level": "INFO"},
            "django.request": {"filters": ["without_traceback"]},
            "numba": {"level": "WARNING"},
            REQUESTS: {"level": "WARNING" if readable and not debug else "INFO"},
        },
    }
