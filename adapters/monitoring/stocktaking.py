"""What is waiting, open or dead right now, put into the gauges."""

from adapters.monitoring import metrics
from application.deeds import Deeds


async def take_stock(deeds: Deeds) -> None:
    """Look into the store and set every gauge."""
    metrics.OUTBOX.set(await deeds.relay.backlog())
    standing = await deeds.outbox.standing()
    metrics.PENDING.set(standing.pending)
    metrics.DEAD.set(standing.dead)
    metrics.OLDEST_PENDING.set(standing.oldest_pending_s)
    inbox = await deeds.notices.standing()
    metrics.NOTICES_PENDING.set(inbox.pending)
    metrics.NOTICES_APART.set(inbox.quarantined)
    metrics.OLDEST_NOTICE.set(inbox.oldest_pending_s)
    metrics.FINDINGS.set(await deeds.reconciliations.open_findings())
    audit = await deeds.audit_trail.standing()
    metrics.AUDIT_WAITING.set(audit.waiting)
    metrics.OLDEST_AUDIT_WAITING.set(audit.oldest_waiting_s)
    for announced in await deeds.announcements():
        metrics.UNANNOUNCED.labels(announced.gateway).set(announced.unannounced)
