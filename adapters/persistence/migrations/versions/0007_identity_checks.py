"""Identity checks with their documents."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "kyc_document",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", TEXT),
        sa.Column("added_at", sa.BigInteger()),
        sa.Column("everything", TEXT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("kyc_document_by_fingerprint", "fingerprint")
    _index("kyc_document_everything", "everything")


def _index(name: str, partition: str) -> None:
    inside = sa.text(f"{partition} IS NOT NULL AND added_at IS NOT NULL")
    columns = [partition, "added_at", "id"]
    op.create_index(name, "kyc_document", columns, postgresql_where=inside, sqlite_where=inside)
