"""Arguments with which the tests open the addresses that take some. An address without an example fails the
suite."""

from __future__ import annotations

UUID = "00000000-0000-4000-8000-000000000000"

EXAMPLES: dict[str, dict[str, str]] = {
    "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
    "openid_connect_login": {"provider_id": "organisation"},
    "openid_connect_callback": {"provider_id": "organisation"},
    "announcement-decision": {"message_id": "1"},
    "person": {"person_id": "1"},
    "person-decision": {"person_id": "1"},
    "revoke-key": {"prefix": "towpath_00000000"},
    "events:import": {"import_id": UUID},
    "events:quarantined-record": {"record_id": "1"},
    "events:bring-back": {"number": "1"},
    **{
        f"journeys:{name}": {"key": "order"}
        for name in (
            "blueprint",
            "edit",
            "edit-yaml",
            "definition",
            "download",
            "funnel",
            "flow",
            "segments",
            "losses",
            "friction",
            "entities",
        )
    },
    "improvement:component": {"name": "ledger"},
    "journeys:export": {"key": "order", "form": "svg"},
    "journeys:entity": {"key": "order", "entity": "1"},
    "journeys:source-flow": {"source": "shop"},
    "journeys:source-entities": {"source": "shop"},
    "customers:story": {"key": "1"},
    "customers:change": {"key": "1"},
    "customers:forget": {"key": "1"},
    "customers:answer": {"question_id": "1"},
    "visibility:account-pdf": {"year": "2026", "week": "47"},
    "improvement:finding": {"digest": "0123456789ab"},
    "improvement:finding-tickets": {"digest": "0123456789ab"},
    "improvement:telling-decision": {"rule_id": "1"},
    "desk:connection-decision": {"name": "acme"},
    "desk:insights": {"name": "acme"},
    "desk:tickets": {"name": "acme"},
    "desk:ticket": {"name": "acme", "number": "T1"},
    "desk:behind": {"name": "acme", "kind": "loops"},
    "improvement:decide": {"digest": "0123456789ab"},
    "improvement:ruined-day": {"digest": "0123456789ab", "number": "1"},
    "desk:flow": {"name": "service-desk"},
    "desk:solved": {"name": "service-desk"},
    "desk:solved-tickets": {"name": "service-desk"},
    "desk:emerging": {"name": "service-desk"},
    "desk:emerging-tickets": {"name": "service-desk"},
    "desk:teams": {"name": "service-desk"},
    "desk:team": {"name": "service-desk", "team": "Front"},
    "desk:team-tickets": {"name": "service-desk"},
    "desk:firefighting": {"name": "service-desk"},
    "desk:shift": {"name": "service-desk"},
    "desk:shift-topic": {"name": "service-desk"},
    "desk:shift-decide": {"name": "service-desk"},
    "desk:shift-say": {"name": "service-desk"},
    **{
        f"estate:{name}": {"number": "1"}
        for name in ("item", "decide", "graph", "discovery", "exposure", "assess")
    },
    "estate:library": {"purl": "pkg:npm/left"},
    "estate:advisory": {"named": "A-1"},
    **{f"estate:{name}": {"name": "office"} for name in ("scan", "withdraw")},
    "improvement:beneath": {"journey": "order", "step": "paid"},
    "job": {"job_id": UUID},
    "job-decision": {"job_id": UUID},
}
"""By the route's name."""

API_EXAMPLES: dict[str, str] = {
    "prefix": "towpath_00000000",
    "job_id": UUID,
    "desk": "service-desk",
    "team": "Front",
    "name": "ledger",
    "key": "loan-application",
    "digest": "0123456789ab",
    "number": "1",
    "rule_id": "1",
    "entity": "1",
    "customer": "1",
    "question_id": "1",
    "decision_id": "1",
    "relationship_id": "1",
    "import_id": UUID,
    "record_id": "1",
    "batch_number": "1",
    "named": "1",
    "purl": "pkg:npm/left",
    "step": "paid",
    "range_name": "office",
}
"""By the argument's name."""
