"""What teams look like in the documents of commands."""

from adapters.cli.views import Document, moment
from application.queries.teams import Member
from application.records import EventGrant, EventInvitation


def grant(given: EventGrant) -> Document:
    return {
        "account_id": given.account_id,
        "event_id": given.event_id,
        "role": given.role,
        "granted_at": moment(given.created_at),
    }


def member(one: Member) -> Document:
    return {**grant(one.grant), "name": one.name, "email": one.email}


def invitation(asked: EventInvitation) -> Document:
    return {
        "id": asked.id,
        "event_id": asked.event_id,
        "email": asked.email,
        "role": asked.role,
        "created_at": moment(asked.created_at),
        "expires_at": moment(asked.expires_at),
    }
