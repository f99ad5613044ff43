"""A buyer who pays at the sandbox, for demonstrations. It moves no money, as nothing there does."""

from http import HTTPStatus

import httpx

from application.ports.payment_gateway import GatewayUnavailable


async def pay(page_url: str) -> None:
    """Press the button on a payment page; GatewayUnavailable if the page does not let us."""
    # Plain http on this machine: no certificates are loaded, and no proxy is asked.
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=10) as client:  # noqa: S501 - over the loopback interface, in clear
        try:
            response = await client.post(page_url, data={"choice": "pay"})
        except httpx.HTTPError as error:
            raise GatewayUnavailable(f"the sandbox's page did not answer: {type(error).__name__}") from None
    if response.status_code != HTTPStatus.SEE_OTHER:
        raise GatewayUnavailable(f"the sandbox's page answered {response.status_code}")
