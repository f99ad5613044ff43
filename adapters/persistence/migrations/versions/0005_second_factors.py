"""Second factors, and the challenges that passkeys are asked to sign."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table("second_factors", *_record())
    op.create_table("challenge", *_record(sa.Column("expires_at", sa.BigInteger()), sa.Column("everything", TEXT)))
    inside = sa.text("everything IS NOT NULL AND expires_at IS NOT NULL")
    columns = ["everything", "expires_at", "id"]
    op.create_index("challenge_expiring", "challenge", columns, postgresql_where=inside, sqlite_where=inside)


def _record(*attributes: sa.Column[int] | sa.Column[str]) -> tuple[SchemaItem, ...]:
    return (
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *attributes,
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
