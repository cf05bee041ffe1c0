"""The sixth schema: sending to many moves nothing in the index of a member's deliveries; updates set aside are found."""

from alembic import op
import sqlalchemy as sa

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _by_member('member_id')
    _by_time('ix_inbox_pending', 'ix_inbox_not_done', "state <> 'done'")


def downgrade() -> None:
    _by_time('ix_inbox_not_done', 'ix_inbox_pending', "state = 'pending'")
    _by_member('member_id', 'sent_at')


def _by_member(*columns: str) -> None:
    op.drop_index('ix_delivery_member', 'delivery')
    op.create_index('ix_delivery_member', 'delivery', columns)


def _by_time(old: str, new: str, where: str) -> None:
    op.drop_index(old, 'inbox')
    op.create_index(new, 'inbox', ['next_at'], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
