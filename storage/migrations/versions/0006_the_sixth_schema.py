"""The sixth schema: sending to many moves nothing in the index of a member's deliveries; what is open has a better one,
and updates that were set aside are found without looking at the others.
"""

from alembic import op
import sqlalchemy as sa

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

OPEN = 'done_at IS NULL AND excused_at IS NULL'


def upgrade() -> None:
    _anew('ix_delivery_member', 'delivery', 'member_id')
    _anew('ix_delivery_open', 'delivery', 'member_id', 'done_at', 'item_id', where=OPEN)
    op.drop_index('ix_inbox_pending', 'inbox')
    _create('ix_inbox_not_done', 'inbox', 'next_at', where="state <> 'done'")


def downgrade() -> None:
    op.drop_index('ix_inbox_not_done', 'inbox')
    _create('ix_inbox_pending', 'inbox', 'next_at', where="state = 'pending'")
    _anew('ix_delivery_open', 'delivery', 'member_id', where=OPEN)
    _anew('ix_delivery_member', 'delivery', 'member_id', 'sent_at')


def _anew(name: str, table: str, *columns: str, where: str | None = None) -> None:
    op.drop_index(name, table)
    _create(name, table, *columns, where=where)


def _create(name: str, table: str, *columns: str, where: str | None = None) -> None:
    only = sa.text(where) if where else None
    op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)
