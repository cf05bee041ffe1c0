"""The fourth schema"""

from alembic import op
import sqlalchemy as sa

import storage.base

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.add_column(sa.Column('own', sa.Text(), nullable=True))

    with op.batch_alter_table('poll', schema=None) as batch_op:
        batch_op.add_column(sa.Column('options_since', sa.Integer(), nullable=True))

    with op.batch_alter_table('road', schema=None) as batch_op:
        batch_op.add_column(sa.Column('begun', sa.Text(), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('road', schema=None) as batch_op:
        batch_op.drop_column('begun')

    with op.batch_alter_table('poll', schema=None) as batch_op:
        batch_op.drop_column('options_since')

    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.drop_column('own')

