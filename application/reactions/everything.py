"""Every reaction there is, and what they react to."""

from typing import Any, Final

from application.ports.credentials import CredentialKeeper
from application.ports.store import Store
from application.ports.texts import Texter, TextWords
from application.reactions.follow_elsewhere import ELSEWHERE
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
from application.reactions.send_texts import TextCalledOff, TextDesk, TextMoved
from application.reactions.set_aside_images import SetAsideImages
from application.relay import Reactions
from application.use_cases.follow_refunds import FollowRefunds
from application.work import Beginning
from domain.facts import Fact

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
TEXTS: Final = (TextCalledOff, TextMoved)
FOLLOWERS: Final = (FollowRefund, FollowSettledRefund, FollowDispute, FollowClosedDispute)
_LINKS: Final = (MailConfirmationLink, MailResetLink)
"""What an identity provider mails in our place, with codes of its own."""
REACTED_TO: Final = frozenset(
    reaction.reacts_to
    for reaction in (
        IssueTickets,
        ApplyNotice,
        SendRefund,
        ClosePaymentPage,
        SetAsideImages,
        *FOLLOWERS,
        *LETTERS,
        *TEXTS,
    )
)


def reacted_to(keeper: CredentialKeeper) -> frozenset[type[Fact]]:
    """What is worth storing. Only an identity provider wants to learn of changed access."""
    return REACTED_TO | {reaction.reacts_to for reaction in ELSEWHERE} if keeper.is_elsewhere else REACTED_TO


def elsewhere_reactions(begin: Beginning, keeper: CredentialKeeper) -> list[Any]:
    """Those that have an identity provider do something, where there is one."""
    return [reaction(begin, keeper) for reaction in ELSEWHERE] if keeper.is_elsewhere else []


def mail_reactions(post: Post, keeper: CredentialKeeper) -> list[Any]:
    """Those that write to people."""
    return [letter(post) for letter in LETTERS if not (keeper.is_elsewhere and letter in _LINKS)]


def text_reactions(begin: Beginning, store: Store, texter: Texter | None, words: TextWords) -> list[Any]:
    """Those that text people, if anybody does."""
    if texter is None:
        return []
    desk = TextDesk(begin, store, texter, words)
    return [text(desk) for text in TEXTS]


def follow_reactions(begin: Beginning, follow_refunds: FollowRefunds) -> list[Any]:
    """Those that keep the report on a cancelled event true."""
    return [follower(begin, follow_refunds) for follower in FOLLOWERS]


def reactions_of(mails: list[Any], followers: list[Any], *others: Any) -> Reactions:
    """All of them, each under its own name."""
    return Reactions.of([*others, *followers, *mails])
