"""What happens without being asked, and what shows whether it does: reactions, jobs, the audit."""

import operator

from dependency_injector import providers

from adapters import from_settings
from adapters.auditing import ring_signer
from adapters.auditing.file_witness import FileWitness
from adapters.messaging.english_texts import EnglishTexts
from adapters.messaging.letters import EnglishLetters
from adapters.registry import MAILERS
from adapters.tickets import file_key_ring
from application.deeds import Health
from application.queries.audit_trail import AuditTrail
from application.queries.outbox import Outbox
from application.queries.storage import Storage
from application.reactions.everything import (
    elsewhere_reactions,
    follow_reactions,
    mail_reactions,
    reactions_of,
    text_reactions,
)
from application.reactions.issue_tickets import IssueTickets
from application.reactions.move_money import ApplyNotice, ClosePaymentPage, SendRefund
from application.reactions.send_mail import Post
from application.reactions.set_aside_images import SetAsideImages
from application.relay import Relay
from application.schedule import schedule
from application.use_cases.export_audit import ExportAudit
from application.use_cases.find_answer import FindAnswer
from application.use_cases.keep_documents import ExpireApprovals
from application.use_cases.keep_time import Forget, SettleEvents
from application.use_cases.reconcile_daily import ReconcileDaily
from application.use_cases.replay_facts import ReplayFacts
from application.use_cases.rotate_audit_key import RotateAuditKey
from application.use_cases.seal_audit import SealAudit, SignCheckpoint
from wiring.money import Money
from wiring.parts import PRODUCT, Parts, folder_of, now
from wiring.people import People
from wiring.sales import Sales

S = providers.Singleton


class Upkeep(Parts):
    """The relay with all its reactions, the jobs, the audit, and what shows whether all is well."""

    settings, begin, clock, store = Parts.settings, Parts.begin, Parts.clock, Parts.store

    mailer = S(MAILERS.build, settings.provided.mailer, settings)
    texter = S(from_settings.texter, settings)
    letters = S(EnglishLetters, settings.provided.base_url, PRODUCT, Parts.drawer)
    post = S(Post, begin, clock, Parts.randomness, store, letters, mailer, Parts.passing)
    reactions = S(
        reactions_of,
        S(
            operator.add,
            S(mail_reactions, post, Parts.keeper),
            S(text_reactions, begin, store, texter, S(EnglishTexts)),
        ),
        S(operator.add, S(follow_reactions, begin, Sales.follow_refunds), S(elsewhere_reactions, begin, Parts.keeper)),
        S(IssueTickets, begin, clock, Parts.ids, Sales.sealer),
        S(ApplyNotice, begin, clock, store, Money.learn_payment),
        S(SendRefund, begin, clock, Parts.gateways, Money.settle_refund, Parts.passing),
        S(ClosePaymentPage, begin, Parts.gateways),
        S(SetAsideImages, begin, Parts.objects),
    )
    relay = S(Relay, begin, clock, store, reactions, Parts.news, Parts.passing)

    audit_ring = S(
        file_key_ring.build,
        S(folder_of, Parts.key_folders, "audit-keys"),
        Parts.randomness,
        S(now, clock),
        use=file_key_ring.AUDIT,
    )
    signer = S(ring_signer.RingSigner, audit_ring)
    witness = S(FileWitness, settings.provided.audit_folder)
    seal_audit = S(SealAudit, begin, clock, store)
    sign_checkpoint = S(SignCheckpoint, begin, clock, store, signer, witness)
    export_audit = S(ExportAudit, begin, clock, store, signer)
    rotate_audit_key = S(RotateAuditKey, begin, clock, audit_ring)
    audit_trail = S(AuditTrail, begin, clock, store, signer, witness, providers.Object(ring_signer.holds))

    jobs = S(
        schedule,
        clock,
        expire=Sales.expire_holds,
        cancel=Sales.cancel_bookings,
        events=S(SettleEvents, begin, clock, store),
        poll=Money.poll_gateways,
        forget=S(Forget, begin, clock, store),
        reconcile=S(ReconcileDaily, clock, Money.reconcile),
        seal=seal_audit,
        sign=sign_checkpoint,
        expire_approvals=S(ExpireApprovals, begin, clock, store),
        forget_documents=People.forget_documents,
        sweep_erased=People.sweep_erased,
        forget_uploads=Sales.forget_uploads,
    )

    outbox = S(Outbox, begin, clock, store)
    replay_facts = S(ReplayFacts, begin, clock, store)
    find_answer = S(FindAnswer, begin, clock)
    storage = S(Storage, Parts.objects)
    health = S(Health, store)
