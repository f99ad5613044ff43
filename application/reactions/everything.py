"""Every reaction there is, and what they react to."""

from typing import Any, Final

from application.reactions.follow_money import (
    FollowClosedDispute,
    FollowDispute,
    FollowRefund,
    FollowSettledRefund,
)
from application.reactions.issue_tickets import IssueTickets
from application.reactions.mail_access import MailAccessChange
from application.reactions.mail_guests import MailGuestBooking, MailGuestLink
from application.reactions.mail_teams import MailTeamInvitation
from application.reactions.move_money import ApplyNotice, ClosePaymentPage, SendRefund
from application.reactions.send_mail import (
    MailAddressTaken,
    MailCancellation,
    MailConfirmationLink,
    MailDispute,
    MailDisputeEnd,
    MailIdentityCheck,
    MailNewCode,
    MailOrganizerDecision,
    MailRefund,
    MailReschedule,
    MailResetLink,
    MailReviewers,
    MailSecondFactors,
    MailTickets,
    Post,
)
from application.relay import Reactions
from application.use_cases.follow_refunds import FollowRefunds
from application.work import Beginning

LETTERS: Final = (
    MailConfirmationLink,
    MailAddressTaken,
    MailResetLink,
    MailSecondFactors,
    MailAccessChange,
    MailOrganizerDecision,
    MailIdentityCheck,
    MailReviewers,
    MailTickets,
    MailNewCode,
    MailCancellation,
    MailRefund,
    MailDispute,
    MailDisputeEnd,
    MailReschedule,
    MailTeamInvitation,
    MailGuestBooking,
    MailGuestLink,
)
FOLLOWERS: Final = (FollowRefund, FollowSettledRefund, FollowDispute, FollowClosedDispute)
REACTED_TO: Final = frozenset(
    reaction.reacts_to for reaction in (IssueTickets, ApplyNotice, SendRefund, ClosePaymentPage, *FOLLOWERS, *LETTERS)
)


def mail_reactions(post: Post) -> list[Any]:
    """Those that write to people."""
    return [letter(post) for letter in LETTERS]


def follow_reactions(begin: Beginning, follow_refunds: FollowRefunds) -> list[Any]:
    """Those that keep the report on a cancelled event true."""
    return [follower(begin, follow_refunds) for follower in FOLLOWERS]


def reactions_of(mails: list[Any], followers: list[Any], *others: Any) -> Reactions:
    """All of them, each under its own name."""
    return Reactions.of([*others, *followers, *mails])
