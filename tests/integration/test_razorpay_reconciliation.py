"""Our books against those of Razorpay, over the vendor's own client and a real socket, with every webhook lost."""

from tests.integration.test_razorpay_story import PaidThroughRazorpay
from tests.integration.untold_money import UntoldMoney


class TestBooks(PaidThroughRazorpay, UntoldMoney):
    currency = "INR"
