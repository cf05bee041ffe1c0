"""Alembic's entry: runs the scripts on the connection that `storage.schema` hands over."""

from alembic import context

from storage.schema import Base

connection = context.config.attributes["connection"]
after_each = context.config.attributes.get("after_each", lambda: None)
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    on_version_apply=lambda **_: after_each(),
)
context.run_migrations()
