"""Our books against those of Stripe, over the vendor's own client and a real socket, with every event lost."""

import pytest

from domain.booking import Booking
from domain.payment import Payment
from tests.integration.test_stripe_story import PaidThroughStripe
from tests.integration.untold_money import UntoldMoney
from tests.support.world import World


class TestBooks(PaidThroughStripe, UntoldMoney):
    currency = "EUR"

    @pytest.fixture
    async def sold(self, world: World) -> tuple[Booking, Payment]:
        booking, payment, _ = await self.pays_for(world)
        return booking, payment

    @pytest.fixture
    def booking(self, sold: tuple[Booking, Payment]) -> Booking:
        return sold[0]

    @pytest.fixture
    def payment(self, sold: tuple[Booking, Payment]) -> Payment:
        return sold[1]
