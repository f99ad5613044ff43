"""Amounts as Stripe counts them, which is not always as ISO 4217 does. Exact both ways, or a clear no."""

from typing import Final

from application.ports.payment_gateway import GatewayRefused, GatewayUnavailable
from domain.errors import InvalidValue
from domain.money import Money, exponent

CURRENCIES: Final = frozenset(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY COP "
    "CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD "
    "JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN "
    "NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD "
    "SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW".split()
)
"""What Stripe lets buyers be charged in, as far as we know the currency too. An account may take fewer."""

_ZERO_PLACES: Final = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
_THREE_PLACES: Final = frozenset("BHD JOD KWD OMR TND".split())

_CHARGED_IN_STEPS: Final = dict.fromkeys(_THREE_PLACES, 10) | dict.fromkeys(("ISK", "UGX"), 100)
"""The card networks take no third place. ISK and UGX lost their places, and Stripe still writes them with two."""


def stripe_amount(money: Money) -> int:
    """The amount in the units that Stripe wants for it; GatewayRefused if it has none that is exactly as much."""
    if money.currency not in CURRENCIES:
        raise GatewayRefused(f"Stripe takes no {money.currency}")
    if money.amount_minor < 0:
        raise GatewayRefused("Stripe takes no negative amounts")
    units, left = _moved(money.amount_minor, _places(money.currency) - exponent(money.currency))
    if left or units % _CHARGED_IN_STEPS.get(money.currency, 1):
        raise GatewayRefused(f"Stripe takes no amount as fine as {money}: its last place must be 0")
    return units


def our_money(units: int, stripe_currency: str) -> Money:
    """What an amount of Stripe's is worth; GatewayUnavailable if we cannot write exactly as much."""
    currency = stripe_currency.upper()
    try:
        minor, left = _moved(units, exponent(currency) - _places(currency))
        if left:
            raise GatewayUnavailable(f"Stripe speaks of a part of the smallest {currency}")
        return Money(minor, currency)
    except InvalidValue:
        raise GatewayUnavailable("Stripe speaks of an amount or currency that we do not know") from None


def _moved(number: int, places: int) -> tuple[int, int]:
    """The number with its point moved to the right, and what is left behind when it moves to the left."""
    scale: int = 10 ** abs(places)
    return (number * scale, 0) if places >= 0 else divmod(number, scale)


def _places(currency: str) -> int:
    if currency in _ZERO_PLACES:
        return 0
    return 3 if currency in _THREE_PLACES else 2
