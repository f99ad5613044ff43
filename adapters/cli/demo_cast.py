"""Who and what a demonstration shows: made-up people and events, with times relative to its first start."""

from datetime import timedelta
from typing import Final

from attrs import frozen

from application.use_cases.create_event import TicketTypePlan
from application.use_cases.promo_codes import PromoCodePlan
from domain.account import Role
from domain.event import Venue
from domain.tax import TaxRate

PASSWORD: Final = "correct horse battery staple"  # noqa: S105 - printed for everybody: a demonstration hides nothing
PASSPORT_NUMBER: Final = "L898902C3"
"""Of the specimen in ICAO Doc 9303, which belongs to nobody."""
PASSPORT_SCAN: Final = b"%PDF-1.4\n% No passport: a page that a demonstration shows in its place.\n%%EOF\n"


def days(count: float) -> timedelta:
    return timedelta(days=count)


@frozen
class Person:
    email: str
    name: str
    role: Role
    told: str
    """What one sees when signed in as this person."""
    is_approved: bool = False


PEOPLE: Final = (
    Person("superadmin@demo.example", "Sunita Rao", Role.SUPERADMIN, "runs the place: everything"),
    Person("admin@demo.example", "Adam Berger", Role.ADMIN, "accounts, identity checks, every booking"),
    Person("ravi@demo.example", "Ravi Kulkarni", Role.ORGANIZER, "organizer in Pune, approved", is_approved=True),
    Person("olga@demo.example", "Olga Weiss", Role.ORGANIZER, "organizer in Berlin, approved", is_approved=True),
    Person("pia@demo.example", "Pia Novak", Role.USER, "applied to be an organizer, waits for a decision"),
    Person("door@demo.example", "Dev Patil", Role.USER, "door staff of the exhibition"),
    Person("asha@demo.example", "Asha Iyer", Role.USER, "buyer with several bookings"),
    Person("ben@demo.example", "Ben Carter", Role.USER, "buyer"),
    Person("chen@demo.example", "Chen Li", Role.USER, "buyer with a group booking and an open hold"),
)
SUPERADMIN: Final = PEOPLE[0].email


@frozen
class Purchase:
    """Somebody books. What costs something is paid at the sandbox."""

    buyer: str
    quantity: int
    ticket_type: int = 0
    is_paid: bool = True
    """False leaves a hold that lapses."""
    entered: int = 0
    """How many of the tickets have been used at the door."""


@frozen
class Occasion:
    """An event as a demonstration plays it. Times are relative to now."""

    title: str
    organizer: str
    venue: Venue
    zone: str
    currency: str
    category: str
    description: str
    starts: timedelta
    lasts: timedelta
    ticket_types: tuple[TicketTypePlan, ...]
    purchases: tuple[Purchase, ...] = ()
    written: timedelta = timedelta(0)
    """When it was created, published and booked; the sandbox's clock is the real one, so only free ones have a past."""
    is_published: bool = True
    is_cancelled: bool = False
    door_sales: bool = False
    staff: tuple[str, ...] = ()
    tax: TaxRate | None = None
    promo_code: PromoCodePlan | None = None


EXHIBITION: Final = "Light and Shadow: an exhibition"
ON_SALE: Final = "Diwali Lights Concert"
PROMOTION: Final = PromoCodePlan("LAMPS-20", percent=20, uses_max=50, per_buyer_max=2)
"""What takes a fifth off at the concert on sale."""

_RAVI, _OLGA = "ravi@demo.example", "olga@demo.example"
_ASHA, _BEN, _CHEN = "asha@demo.example", "ben@demo.example", "chen@demo.example"
_PUNE, _BERLIN = "Asia/Kolkata", "Europe/Berlin"

OCCASIONS: Final = (
    Occasion(
        "Monsoon Film Evening",
        _OLGA,
        Venue("Kino am Ufer", "Uferstraße 12", "Berlin"),
        _BERLIN,
        "EUR",
        "Film",
        "Three short films and a talk with their makers.",
        starts=days(-20),
        lasts=timedelta(hours=3),
        ticket_types=(TicketTypePlan("Seat", "0", 60),),
        purchases=(Purchase(_BEN, 2, entered=2), Purchase(_CHEN, 1)),
        written=days(-40),
    ),
    Occasion(
        "Open-Source Meetup Pune",
        _RAVI,
        Venue("Hall 3", "Senapati Bapat Road", "Pune"),
        _PUNE,
        "INR",
        "Technology",
        "Talks, tea and samosas. Bring a laptop.",
        starts=days(10),
        lasts=timedelta(hours=4),
        ticket_types=(TicketTypePlan("Free entry", "0", 80),),
        purchases=(Purchase(_CHEN, 3),),
    ),
    Occasion(
        "Winter Choir",
        _OLGA,
        Venue("St. Martin's", "Kirchplatz 1", "Potsdam"),
        _BERLIN,
        "EUR",
        "Music",
        "Still a draft: the programme is not settled yet.",
        starts=days(60),
        lasts=timedelta(hours=2),
        ticket_types=(TicketTypePlan("Seat", "18.00", 150),),
        is_published=False,
    ),
    Occasion(
        ON_SALE,
        _RAVI,
        Venue("Shaniwar Grounds", "Shaniwar Peth", "Pune"),
        _PUNE,
        "INR",
        "Music",
        "An evening of lamps and strings under the open sky.",
        starts=days(21),
        lasts=timedelta(hours=4),
        ticket_types=(TicketTypePlan("Standard", "499.00", 300), TicketTypePlan("Front row", "1499.00", 40)),
        purchases=(Purchase(_ASHA, 2), Purchase(_BEN, 1, ticket_type=1), Purchase(_CHEN, 2, is_paid=False)),
        tax=TaxRate("GST", 1_800),
        promo_code=PROMOTION,
    ),
    Occasion(
        "Berlin Jazz Night",
        _OLGA,
        Venue("Kulturbrauerei", "Schönhauser Allee 36", "Berlin"),
        _BERLIN,
        "EUR",
        "Music",
        "Two sets, one break, and a piano that has seen things.",
        starts=days(35),
        lasts=timedelta(hours=3),
        ticket_types=(TicketTypePlan("Standard", "25.00", 200),),
        purchases=(Purchase(_ASHA, 1),),
    ),
    Occasion(
        "Chamber Music in the Old Library",
        _OLGA,
        Venue("Old Library", "Bebelplatz", "Berlin"),
        _BERLIN,
        "EUR",
        "Music",
        "A string quartet for six listeners.",
        starts=days(7),
        lasts=timedelta(hours=2),
        ticket_types=(TicketTypePlan("Armchair", "60.00", 6),),
        purchases=(Purchase(_BEN, 4), Purchase(_ASHA, 2)),
    ),
    Occasion(
        "Street Food Walk",
        _OLGA,
        Venue("Markthalle Neun", "Eisenbahnstraße 42", "Berlin"),
        _BERLIN,
        "EUR",
        "Food",
        "Called off: its one booking was refunded.",
        starts=days(14),
        lasts=timedelta(hours=3),
        ticket_types=(TicketTypePlan("Walk", "32.50", 25),),
        purchases=(Purchase(_ASHA, 1),),
        is_cancelled=True,
    ),
    Occasion(
        EXHIBITION,
        _RAVI,
        Venue("Museum Annexe", "Bund Garden Road", "Pune"),
        _PUNE,
        "INR",
        "Art",
        "Open every day for a month: its doors are open now, so tickets can be scanned.",
        starts=days(-2),
        lasts=days(30),
        ticket_types=(TicketTypePlan("Day ticket", "200.00", 500),),
        purchases=(Purchase(_ASHA, 2, entered=1), Purchase(_BEN, 1)),
        door_sales=True,
        staff=("door@demo.example",),
    ),
)
