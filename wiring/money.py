"""What is paid: payments, refunds, disputes, notices of providers, and the comparison of the books."""

from dependency_injector import providers

from adapters import from_settings
from adapters.sealing import file_vault
from application.queries.books import Books
from application.queries.money import MoneyMatters
from application.queries.notices import Notices
from application.queries.payments import Payments
from application.queries.reconciliations import Reconciliations
from application.queries.reports import Reports
from application.use_cases.approve_refund import ApproveRefund
from application.use_cases.ask_about_payment import AskAboutPayment
from application.use_cases.compare_books import CompareBooks
from application.use_cases.decide_finding import DecideFinding
from application.use_cases.heal_finding import HealFinding
from application.use_cases.learn_payment import LearnPayment
from application.use_cases.note_finding import NoteFinding
from application.use_cases.poll_gateways import PollGateways
from application.use_cases.receive_notice import ReceiveNotice
from application.use_cases.reconcile import Reconcile
from application.use_cases.refund_booking import RefundBooking
from application.use_cases.replay_notices import ReplayNotices
from application.use_cases.return_from_checkout import ReturnFromCheckout
from application.use_cases.rotate_vault import RotateVault
from application.use_cases.settle_dispute import SettleDispute
from application.use_cases.settle_payment import SettlePayment
from application.use_cases.settle_refund import SettleRefund
from application.use_cases.start_payment import StartPayment
from wiring.parts import Parts, folder_of
from wiring.sales import Sales

S = providers.Singleton


class Money(Parts):
    """Payments, refunds and disputes, what providers tell of them, and how the books are compared."""

    begin, clock, ids, store, gateways = Parts.begin, Parts.clock, Parts.ids, Parts.store, Parts.gateways

    vault = S(file_vault.build, S(folder_of, Parts.key_folders, "notice-keys"), Parts.randomness)

    settle_payment = S(SettlePayment, begin, clock, ids, Sales.expire_holds)
    settle_refund = S(SettleRefund, begin, clock)
    settle_dispute = S(SettleDispute, begin, clock)
    learn_payment = S(LearnPayment, begin, gateways, settle_payment, settle_refund, settle_dispute)

    start_payment = S(
        StartPayment, begin, clock, ids, gateways, Parts.passing, S(from_settings.return_url, Parts.settings)
    )
    return_from_checkout = S(ReturnFromCheckout, begin, gateways, learn_payment)
    ask_about_payment = S(AskAboutPayment, begin, learn_payment)
    payments = S(Payments, begin, store)
    refund_booking = S(RefundBooking, begin, clock, ids, gateways, Parts.four_eyes, Parts.factor_policy)
    approve_refund = S(ApproveRefund, begin, clock)
    money = S(MoneyMatters, begin, store)
    reports = S(Reports, begin, store, Parts.settings.provided.report_zone)

    receive_notice = S(ReceiveNotice, begin, clock, gateways, vault)
    replay_notices = S(ReplayNotices, begin, clock, store)
    rotate_vault = S(RotateVault, begin, vault)
    notices = S(Notices, begin, clock, store, vault)
    poll_gateways = S(PollGateways, begin, clock, store, gateways, learn_payment, settle_refund)

    compare = S(CompareBooks, begin, clock, store)
    heal = S(HealFinding, begin, clock, ids, compare, learn_payment)
    reconcile = S(Reconcile, begin, clock, store, gateways, compare, S(NoteFinding, begin, clock), heal)
    decide_finding = S(DecideFinding, begin, clock)
    reconciliations = S(Reconciliations, begin, store)
    books = S(Books, begin, clock, store)
