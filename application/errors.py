"""What can go wrong in a use case beside the domain's own rules."""

from domain.errors import DomainError, InvalidValue


class StoreUnavailable(Exception):
    """The store did not answer. Whether a commit under way took place is not known."""


class NotFound(DomainError):
    """It does not exist, or is not yours to see: the two look the same."""

    code = "not_found"


class StaleVersion(DomainError):
    """Somebody changed it at the same time, again and again: try once more."""

    code = "stale_version"


class PreconditionFailed(DomainError):
    """It is no longer what you saw: fetch it again before you change it."""

    code = "precondition_failed"


class AlreadyExists(DomainError):
    """There is one of that name already."""

    code = "already_exists"


class InvalidCursor(InvalidValue):
    """The cursor is not one that a page of this list gave."""

    code = "invalid_cursor"


class KeyReused(DomainError):
    """This idempotency key was used for another request."""

    code = "idempotency_key_reused"


class RequestRunning(DomainError):
    """The first request of this idempotency key is still under way."""

    code = "request_running"


class SignInFailed(DomainError):
    """E-mail and password do not match an account that can sign in."""

    code = "sign_in_failed"


class EmailNotConfirmed(DomainError):
    """The address must be confirmed first: the link is in the mail."""

    code = "email_not_confirmed"


class TokenInvalid(DomainError):
    """The link or code was used, has expired, or never existed."""

    code = "token_invalid"


class PasswordRefused(InvalidValue):
    """The password does not meet the policy."""

    code = "password_refused"


class SignInRequired(DomainError):
    """Only for people who signed in."""

    code = "sign_in_required"


class SecondFactorRequired(SignInRequired):
    """The password was given, and the second step is still to come."""

    code = "second_factor_required"


class PasswordChangeRequired(SignInRequired):
    """The password is a temporary one: another must be chosen before anything else."""

    code = "password_change_required"


class TemporaryPasswordOver(DomainError):
    """The temporary password was good for a day, and that is over."""

    code = "temporary_password_over"


class FreshSignInRequired(DomainError):
    """For this the password or a second factor must have been given in the last minutes."""

    code = "fresh_sign_in_required"


class PaymentUnavailable(DomainError):
    """The payment provider did not answer; whether it heard us is not known yet. Try again with the same key."""

    code = "payment_unavailable"


class KeyNotLetIn(DomainError):
    """An API key opens only what its scopes say, and some things are for people alone."""

    code = "key_not_let_in"


class TooManyKeys(DomainError):
    """One person has only so many API keys at a time."""

    code = "too_many_api_keys"


class ConfirmationNeeded(DomainError):
    """What was typed to confirm is not what was asked for."""

    code = "confirmation_needed"
