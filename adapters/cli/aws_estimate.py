"""The command that tells what a month at AWS would cost."""

import click

from adapters.cli.operations import Operations
from adapters.cli.showing import Answer, Table
from adapters.cli.verbs import standalone


@standalone(
    "estimate",
    "relexbooking aws estimate --users 10000 --bookings 5000\n"
    "relexbooking aws estimate --users 100000 --bookings 50000 --json",
)
@click.option("--users", type=click.IntRange(0, 1_000_000_000), required=True, help="Who sign in during the month.")
@click.option("--bookings", type=click.IntRange(0, 1_000_000_000), required=True, help="That are paid in the month.")
def estimate(_operations: Operations, users: int, bookings: int) -> Answer:
    """What a month would cost, from what a booking takes. Prices are data of ours with a date: check them."""
    from adapters.aws.capacity import ceiling  # noqa: PLC0415 - only an estimate pays for it
    from adapters.aws.estimate import Estimate  # noqa: PLC0415 - only an estimate pays for it
    from adapters.aws.prices import AS_OF, REGION  # noqa: PLC0415 - only an estimate pays for it

    month = Estimate(users, bookings)
    most = ceiling()
    rows = [(line.service, line.usage, f"{line.usd} USD") for line in month.lines()]
    document = {
        "users": users,
        "bookings": bookings,
        "prices": {"region": REGION, "as_of": AS_OF},
        "items": [{"service": line.service, "usage": line.usage, "usd": str(line.usd)} for line in month.lines()],
        "total_usd": str(month.total),
        "writes": month.writes,
        "reads": month.reads,
    }
    words = (
        f"Prices of {REGION} as of {AS_OF}: check them. One event takes {most.bookings_s} bookings a second, one in "
        "each transaction: docs/aws-capacity.md."
    )
    return Answer(document, (Table(("service", "usage", "a month"), [*rows, ("all", "", f"{month.total} USD")]), words))
