"""What an installation counts of itself, in the form that Prometheus reads.

With several server processes the counts of all are added up, whichever of them is asked: see `sharing`.
"""

import os
from collections.abc import Iterator
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.samples import Sample

from adapters.monitoring.sharing import FOLDER

CONTENT_TYPE: Final = "text/plain; version=0.0.4"
_LATENCIES_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

# One more series for each, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
_registry: Final = CollectorRegistry()

REQUESTS: Final = Counter(
    "relex_http_requests", "Answers by route, method and status", ("route", "method", "status"), registry=_registry
)
LATENCY: Final = Histogram(
    "relex_http_seconds", "Time to the end of an answer", ("route",), buckets=_LATENCIES_S, registry=_registry
)
BOOKINGS: Final = Counter("relex_bookings", "Bookings by what became of them", ("status",), registry=_registry)
SCANS: Final = Counter("relex_scans", "Scans by outcome and reason", ("outcome", "reason"), registry=_registry)
PAYMENTS: Final = Counter("relex_payments", "Attempts to pay by outcome", ("status",), registry=_registry)
REFUNDS: Final = Counter("relex_refunds", "Refunds by what became of them", ("status",), registry=_registry)
DOCUMENTS_READ: Final = Counter(
    "relex_identity_documents_read",
    "Identity documents read, by whom: reviewer or subject",
    ("by",),
    registry=_registry,
)
QUARANTINED: Final = Counter(
    "relex_notices_quarantined",
    "Genuine notices of money that is not what we asked for, which need a person",
    ("gateway",),
    registry=_registry,
)
REFUSED: Final = Counter(
    "relex_notices_refused",
    "Messages to the webhook of a gateway whose signature did not hold, that were stale or for another account",
    ("gateway",),
    registry=_registry,
)


def _latest(name: str, told: str, *labels: str) -> Gauge:
    """What was true when one of several processes was last asked."""
    return Gauge(name, told, labels, registry=_registry, multiprocess_mode="mostrecent")


OUTBOX: Final = _latest("relex_outbox_due", "Facts that are due for delivery, counted up to 100")
PENDING: Final = _latest("relex_outbox_pending", "Facts that are still tried, due or not, counted up to 100")
DEAD: Final = _latest("relex_outbox_dead", "Facts that were given up and need a person, counted up to 100")
OLDEST_PENDING: Final = _latest(
    "relex_outbox_oldest_pending_seconds", "Age of the oldest of the 100 pending facts that are due next"
)
NOTICES_PENDING: Final = _latest("relex_notices_pending", "Notices that are not applied yet, counted up to 100")
NOTICES_APART: Final = _latest(
    "relex_notices_set_apart", "Notices of money that is not what we asked for, to this day, counted up to 100"
)
OLDEST_NOTICE: Final = _latest(
    "relex_notices_oldest_pending_seconds", "Age of the oldest notice that is not applied yet"
)
FINDINGS: Final = _latest(
    "relex_findings_open", "Differences between our books and a gateway's that need a person, counted up to 100"
)
UNANNOUNCED: Final = _latest(
    "relex_payments_unannounced",
    "Of the latest 100 payments of the last day: those captured for ten minutes that no notice spoke of",
    "gateway",
)

AUDIT_WAITING: Final = _latest(
    "relex_audit_unsealed", "Audit records that have no place in the chain yet, counted up to 100"
)
OLDEST_AUDIT_WAITING: Final = _latest(
    "relex_audit_oldest_unsealed_seconds", "Age of the oldest audit record that has no place in the chain yet"
)


def own_samples() -> Iterator[Sample]:
    """What this process has counted since its start, without what others have."""
    for metric in _registry.collect():
        yield from metric.samples


def render() -> bytes:
    """All counts, as text."""
    if FOLDER not in os.environ:
        return generate_latest(_registry)
    gathered = CollectorRegistry()
    MultiProcessCollector(gathered)  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
    return generate_latest(gathered)
