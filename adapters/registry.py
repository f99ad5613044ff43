"""Which adapter fills which seam: by name, from our own table or from an installed package."""

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pkgutil import resolve_name
from typing import Any, Final, Generic, TypeVar

from attrs import frozen

from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.gateways import Gateway
from application.ports.mailer import Mailer
from application.ports.object_store import ObjectStore
from application.ports.store import Store

T = TypeVar("T")


@frozen
class Seam(Generic[T]):
    """A port that adapters fill, each made from the settings by a function of its own.

    A package adds one under the entry-point group `relexbooking.<name>`; it cannot replace one of ours.
    """

    name: str
    shipped: Mapping[str, str]
    """Name to `module:function`. Nothing is imported until it is chosen."""

    def adapters(self) -> dict[str, str]:
        """All that there are, ours and installed ones."""
        installed = {entry.name: entry.value for entry in entry_points(group=f"relexbooking.{self.name}")}
        return installed | dict(self.shipped)

    def build(self, choice: str, settings: Settings) -> T:
        """WrongSetting if nothing of that name is known."""
        make: Callable[[Settings], Any] = resolve_name(self._address_of(choice))
        built: T = make(settings)
        return built

    def _address_of(self, choice: str) -> str:
        # Ours is found without a look at what every installed package says of itself, which takes a while.
        if choice in self.shipped:
            return self.shipped[choice]
        known = self.adapters()
        if choice not in known:
            raise WrongSetting(f"{self.name}: there is no {choice!r}, but {', '.join(sorted(known))}")
        return known[choice]


STORES: Final[Seam[Store]] = Seam(
    "stores",
    {
        "dynamodb": "adapters.aws.building:dynamodb",
        "memory": "adapters.persistence.plain_building:memory",
        "sql": "adapters.persistence.building:sql",
    },
)
OBJECT_STORES: Final[Seam[ObjectStore]] = Seam(
    "object_stores",
    {
        "local": "adapters.persistence.plain_building:local_objects",
        "memory": "adapters.persistence.plain_building:memory_objects",
        "s3": "adapters.aws.services:s3",
    },
)
PAYMENT_GATEWAYS: Final[Seam[Gateway]] = Seam(
    "payment_gateways",
    {
        "razorpay": "adapters.payments.razorpay_building:razorpay",
        "sandbox": "adapters.payments.building:sandbox",
        "stripe": "adapters.payments.stripe_building:stripe",
    },
)
MAILERS: Final[Seam[Mailer]] = Seam(
    "mailers",
    {
        "local": "adapters.messaging.building:local",
        "ses": "adapters.aws.services:ses",
        "smtp": "adapters.messaging.building:smtp",
    },
)
