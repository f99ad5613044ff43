"""Alembic runs this to apply revisions, inside the transaction that our own code opened and locked."""

from alembic import context

from adapters.persistence.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
