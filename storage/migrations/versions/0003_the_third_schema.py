"""The third schema"""

from alembic import op
import sqlalchemy as sa

import storage.base

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('alarm',
    sa.Column('cause', sa.String(length=200), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('road', sa.String(length=40), nullable=False),
    sa.Column('began_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('seen_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('said_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('told', sa.Boolean(), nullable=False),
    sa.Column('mended_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('cause', name=op.f('pk_alarm'))
    )
    op.create_table('audit_seal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('first', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('through', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_seal'))
    )
    op.create_table('forgotten',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('digest', 'at', name=op.f('pk_forgotten'))
    )
    op.create_table('instance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('fingerprint', sa.String(length=400), nullable=False),
    sa.Column('held_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('held_why', sa.String(length=40), nullable=True),
    sa.Column('backed_up_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('created_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_instance'))
    )
    op.create_table('kept',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('through', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('kind', name=op.f('pk_kept'))
    )
    op.create_table('lease',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('holder', sa.String(length=40), nullable=False),
    sa.Column('fence', sa.BigInteger(), nullable=False),
    sa.Column('until', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_lease'))
    )
    op.create_table('road',
    sa.Column('platform', sa.String(length=40), nullable=False),
    sa.Column('tokens', sa.Float(), nullable=False),
    sa.Column('filled_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('platform', name=op.f('pk_road'))
    )
    op.create_table('token',
    sa.Column('app', sa.String(length=40), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('fetched_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('good_until', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('app', name=op.f('pk_token'))
    )
    op.create_table('access',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('what', sa.String(length=40), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('about_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('client', sa.String(length=100), nullable=True),
    sa.ForeignKeyConstraint(['about_id'], ['member.id'], name=op.f('fk_access_about_id')),
    sa.ForeignKeyConstraint(['actor_id'], ['member.id'], name=op.f('fk_access_actor_id')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_access_item_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_access_question_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access'))
    )
    with op.batch_alter_table('access', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_access_at'), ['at'], unique=False)
        batch_op.create_index('ix_access_item', ['item_id', 'at'], unique=False)
        batch_op.create_index('ix_access_question', ['question_id', 'at'], unique=False)

    op.create_table('picture',
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=True),
    sa.Column('reason', sa.String(length=40), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('next_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('created_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_picture_entry_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_picture_question_id')),
    sa.PrimaryKeyConstraint('entry_id', name=op.f('pk_picture'))
    )
    with op.batch_alter_table('picture', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_picture_digest'), ['digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_picture_question_id'), ['question_id'], unique=False)

    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.add_column(sa.Column('carrier', sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column('is_reply', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index('ix_call_reported', ['ref'], unique=False, sqlite_where=sa.text("platform = 'official_account' AND ref IS NOT NULL"), postgresql_where=sa.text("platform = 'official_account' AND ref IS NOT NULL"))

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_delivery_item_state'))

    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.create_index('ix_entry_picture', ['id'], unique=False, sqlite_where=sa.text('picture_url IS NOT NULL'), postgresql_where=sa.text('picture_url IS NOT NULL'))

    with op.batch_alter_table('item_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('own', sa.Text(), nullable=True))

    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_item'), sqlite_where=sa.text('item_id IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_message_recipient'))
        batch_op.create_index('ix_message_about', ['item_id'], unique=False, sqlite_where=sa.text('item_id IS NOT NULL'), postgresql_where=sa.text('item_id IS NOT NULL'))
        batch_op.create_index('ix_message_said_to', ['platform', 'recipient_key', 'started_at'], unique=False, sqlite_where=sa.text("kind <> 'card'"), postgresql_where=sa.text("kind <> 'card'"))

    with op.batch_alter_table('pending_answer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=40), server_default='answer', nullable=False))

    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reckoned_from', storage.base.UTCDateTime(timezone=True), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.drop_column('reckoned_from')

    with op.batch_alter_table('pending_answer', schema=None) as batch_op:
        batch_op.drop_column('kind')

    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('ix_message_said_to', sqlite_where=sa.text("kind <> 'card'"), postgresql_where=sa.text("kind <> 'card'"))
        batch_op.drop_index('ix_message_about', sqlite_where=sa.text('item_id IS NOT NULL'), postgresql_where=sa.text('item_id IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_message_recipient'), ['platform', 'recipient_key', 'started_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_message_item'), ['item_id', 'phase'], unique=False, sqlite_where=sa.text('item_id IS NOT NULL'))

    with op.batch_alter_table('item_version', schema=None) as batch_op:
        batch_op.drop_column('own')

    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.drop_index('ix_entry_picture', sqlite_where=sa.text('picture_url IS NOT NULL'), postgresql_where=sa.text('picture_url IS NOT NULL'))

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_item_state'), ['item_id', 'state', 'branch_id'], unique=False)

    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.drop_index('ix_call_reported', sqlite_where=sa.text("platform = 'official_account' AND ref IS NOT NULL"), postgresql_where=sa.text("platform = 'official_account' AND ref IS NOT NULL"))
        batch_op.drop_column('is_reply')
        batch_op.drop_column('carrier')

    with op.batch_alter_table('picture', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_picture_question_id'))
        batch_op.drop_index(batch_op.f('ix_picture_digest'))

    op.drop_table('picture')
    with op.batch_alter_table('access', schema=None) as batch_op:
        batch_op.drop_index('ix_access_question')
        batch_op.drop_index('ix_access_item')
        batch_op.drop_index(batch_op.f('ix_access_at'))

    op.drop_table('access')
    op.drop_table('token')
    op.drop_table('road')
    op.drop_table('lease')
    op.drop_table('kept')
    op.drop_table('instance')
    op.drop_table('forgotten')
    op.drop_table('audit_seal')
    op.drop_table('alarm')
