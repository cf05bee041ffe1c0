"""The third schema"""

from alembic import op
import sqlalchemy as sa

import storage.base

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.create_index('ix_call_reported', ['ref'], unique=False, sqlite_where=sa.text("platform = 'official_account' AND ref IS NOT NULL"), postgresql_where=sa.text("platform = 'official_account' AND ref IS NOT NULL"))

    with op.batch_alter_table('pending_answer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=40), server_default='answer', nullable=False))

    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reckoned_from', storage.base.UTCDateTime(timezone=True), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.drop_column('reckoned_from')

    with op.batch_alter_table('pending_answer', schema=None) as batch_op:
        batch_op.drop_column('kind')

    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.drop_index('ix_call_reported', sqlite_where=sa.text("platform = 'official_account' AND ref IS NOT NULL"), postgresql_where=sa.text("platform = 'official_account' AND ref IS NOT NULL"))

