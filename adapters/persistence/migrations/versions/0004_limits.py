"""What counts attempts, so that they can be limited."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Nothing yet."""
