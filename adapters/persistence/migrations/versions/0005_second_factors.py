"""Second factors, and the devices that people signed in from."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Nothing yet."""
