"""What is done again and again, and how often."""

from application.jobs import Job, Jobs
from application.ports.clock import Clock
from application.use_cases.cancel_bookings import CancelBookings
from application.use_cases.expire_holds import ExpireHolds
from application.use_cases.keep_documents import ExpireApprovals, ForgetDocuments
from application.use_cases.keep_time import Forget, SettleEvents
from application.use_cases.poll_gateways import PollGateways
from application.use_cases.reconcile_daily import ReconcileDaily
from application.use_cases.seal_audit import SealAudit, SignCheckpoint
from application.use_cases.sweep_erased import SweepErased
from application.use_cases.upload_image import ForgetUploads


def schedule(
    clock: Clock,
    *,
    expire: ExpireHolds,
    cancel: CancelBookings,
    events: SettleEvents,
    poll: PollGateways,
    forget: Forget,
    reconcile: ReconcileDaily,
    seal: SealAudit,
    sign: SignCheckpoint,
    expire_approvals: ExpireApprovals,
    forget_documents: ForgetDocuments,
    sweep_erased: SweepErased,
    forget_uploads: ForgetUploads,
) -> Jobs:
    """Every job, with its seconds between two runs."""
    return Jobs(
        clock,
        (
            Job("expire_holds", 5, expire.everywhere),
            Job("cancel_bookings", 3, cancel),
            Job("settle_events", 30, events),
            Job("poll_gateways", 15, poll),
            Job("forget", 600, forget),
            Job("reconcile_daily", 3_600, reconcile),
            Job("seal_audit", 2, seal),
            Job("sign_checkpoint", 15, sign),
            Job("expire_approvals", 3_600, expire_approvals),
            Job("forget_documents", 3_600, forget_documents),
            Job("sweep_erased", 300, sweep_erased),
            Job("forget_uploads", 3_600, forget_uploads),
        ),
    )
