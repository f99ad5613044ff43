"""Money in whole minor units of an ISO 4217 currency. No float ever comes near it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Final, Self

from attrs import field, frozen

from domain.checks import whole
from domain.errors import InvalidValue

AMOUNT_MAX: Final = 10**13
"""In minor units. Far above any order, far below what any store or gateway keeps exactly."""

# ISO 4217, list one: the exponents that differ from 2.
_EXPONENT: Final = dict.fromkeys(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
) | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
_TWO_PLACES: Final = frozenset(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC "
    "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD "
    "NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG".split()
)


class UnknownCurrency(InvalidValue):
    """No ISO 4217 currency of that code."""

    code = "unknown_currency"


class CurrencyMismatch(InvalidValue):
    """Amounts of two currencies were about to be mixed."""

    code = "currency_mismatch"


class AmountNotExact(InvalidValue):
    """The words do not name an amount that the currency can pay."""

    code = "amount_not_exact"


def exponent(currency: str) -> int:
    """How many decimal places a currency has (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD."""
    if currency in _TWO_PLACES:
        return 2
    try:
        return _EXPONENT[currency]
    except KeyError:
        raise UnknownCurrency(f"{currency!r} is not an ISO 4217 currency that we know") from None


@lru_cache(1_000)
def decimal_text(amount_minor: int, currency: str) -> str:
    """An amount of any size, such as the total of a year, as people write it: with exactly the currency's places."""
    # Kept for a while, since prices are few, and are written again and again.
    places = exponent(currency)
    if not places:
        return str(amount_minor)
    whole, part = divmod(abs(amount_minor), 10**places)
    return f"{'-' if amount_minor < 0 else ''}{whole}.{part:0{places}d}"


def _is_currency(_instance: object, _attribute: object, value: str) -> None:
    exponent(value)


@frozen(order=False)
class Money:
    """An amount of one currency; negative only in the ledger."""

    amount_minor: int = field(validator=whole(-AMOUNT_MAX, AMOUNT_MAX))
    currency: str = field(validator=_is_currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read "12.50" exactly. More places than the currency has, or no number at all, is AmountNotExact."""
        try:
            scaled = Decimal(text).scaleb(exponent(currency))
        except DecimalException:  # It overflows, too, for exponents beyond its own.
            raise AmountNotExact(f"{text!r} is not an amount") from None
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise AmountNotExact(f"{text!r} is not an exact amount of {currency}")
        if abs(scaled) > AMOUNT_MAX:
            raise AmountNotExact(f"{text!r} is larger than any amount that we handle")
        return cls(int(scaled), currency)

    @classmethod
    def total(cls, parts: Iterable["Money"], currency: str) -> "Money":
        """The sum of all parts, each of which must be of `currency`."""
        result = Money.zero(currency)
        for part in parts:
            result = result + part
        return result

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.amount_minor * count, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.amount_minor < other.amount_minor

    def __le__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.amount_minor <= other.amount_minor

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    def __str__(self) -> str:
        return f"{self.decimal()} {self.currency}"

    def decimal(self) -> str:
        """The amount as people write it, with exactly the currency's places: "12.50"."""
        return decimal_text(self.amount_minor, self.currency)

    def split(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Divide by weights so that the parts sum to the whole, by largest remainder; ties go to the earlier."""
        whole = sum(weights)
        assert whole > 0, "a split needs a weight"
        assert min(weights) >= 0, "a weight is never negative"
        shares = [divmod(self.amount_minor * weight, whole) for weight in weights]
        left = self.amount_minor - sum(quotient for quotient, _ in shares)
        by_remainder = sorted(range(len(shares)), key=lambda i: -shares[i][1])
        extra = set(by_remainder[:left])
        return tuple(Money(quotient + (i in extra), self.currency) for i, (quotient, _) in enumerate(shares))

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self} and {other} cannot be mixed")
