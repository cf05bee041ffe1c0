"""The first schema"""

from alembic import op
import sqlalchemy as sa

import storage.base

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('branch',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('parent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('path', sa.String(length=400), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['branch.id'], name=op.f('fk_branch_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_branch')),
    sa.UniqueConstraint('parent_id', 'name', name=op.f('uq_branch_parent_id_name'))
    )
    with op.batch_alter_table('branch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_branch_name'), ['name'], unique=False)
        batch_op.create_index(batch_op.f('ix_branch_parent_id'), ['parent_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_branch_path'), ['path'], unique=False)

    op.create_table('call',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('platform', sa.String(length=40), nullable=False),
    sa.Column('api', sa.String(length=80), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('recipients', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('first_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('started_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('next_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('finished_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('http_status', sa.Integer(), nullable=True),
    sa.Column('code', sa.Integer(), nullable=True),
    sa.Column('outcome', sa.String(length=40), nullable=True),
    sa.Column('ref', sa.String(length=512), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call'))
    )
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.create_index('ix_call_open', ['next_at'], unique=False, sqlite_where=sa.text("state <> 'settled'"), postgresql_where=sa.text("state <> 'settled'"))

    op.create_table('content',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_content')),
    sa.UniqueConstraint('digest', name=op.f('uq_content_digest'))
    )
    op.create_table('dialogue',
    sa.Column('platform', sa.String(length=40), nullable=False),
    sa.Column('user_key', sa.String(length=128), nullable=False),
    sa.Column('chat_id', sa.String(length=128), nullable=False),
    sa.Column('topic', sa.String(length=40), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('expires_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('platform', 'user_key', 'chat_id', name=op.f('pk_dialogue'))
    )
    op.create_table('inbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('payload', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('next_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('reply', sa.Text(), nullable=True),
    sa.Column('received_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox')),
    sa.UniqueConstraint('source', 'key', name=op.f('uq_inbox_source_key'))
    )
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.create_index('ix_inbox_pending', ['next_at'], unique=False, sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))

    op.create_table('tick',
    sa.Column('task', sa.String(length=80), nullable=False),
    sa.Column('period', sa.String(length=80), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('task', 'period', name=op.f('pk_tick'))
    )
    op.create_table('member',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tier', sa.String(length=40), nullable=True),
    sa.Column('phone', sa.String(length=40), nullable=True),
    sa.Column('status', sa.String(length=40), nullable=False),
    sa.Column('created_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_member_branch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member'))
    )
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_member_branch_id'), ['branch_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_member_name'), ['name'], unique=False)

    op.create_table('account',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('platform', sa.String(length=40), nullable=False),
    sa.Column('user_id', sa.String(length=128), nullable=False),
    sa.Column('key', sa.String(length=128), nullable=False),
    sa.Column('unreachable', sa.String(length=80), nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_account_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('platform', 'key', name=op.f('uq_account_platform_key'))
    )
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_member_id'), ['member_id'], unique=False)

    op.create_table('audit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('before', sa.Text(), nullable=True),
    sa.Column('after', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['actor_id'], ['member.id'], name=op.f('fk_audit_actor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_actor_id'), ['actor_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_subject'), ['subject'], unique=False)

    op.create_table('chat',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('platform', sa.String(length=40), nullable=False),
    sa.Column('chat_id', sa.String(length=128), nullable=False),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('bound_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('bound_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['bound_by'], ['member.id'], name=op.f('fk_chat_bound_by')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_chat_branch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat')),
    sa.UniqueConstraint('platform', 'chat_id', name=op.f('uq_chat_platform_chat_id'))
    )
    with op.batch_alter_table('chat', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_chat_branch_id'), ['branch_id'], unique=False)

    op.create_table('item',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=400), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('link', sa.String(length=2048), nullable=True),
    sa.Column('require', sa.String(length=40), nullable=False),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('audience', sa.Text(), nullable=False),
    sa.Column('audience_size', sa.Integer(), nullable=False),
    sa.Column('reminders', sa.Integer(), nullable=False),
    sa.Column('policy', sa.Text(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('timed', sa.Boolean(), nullable=False),
    sa.Column('due_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('publish_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('confirmed_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('published_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(length=40), nullable=True),
    sa.Column('created_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['member.id'], name=op.f('fk_item_author_id')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_item_branch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item'))
    )
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_branch_id'), ['branch_id'], unique=False)
        batch_op.create_index('ix_item_status_publish_at', ['status', 'publish_at'], unique=False)

    op.create_table('role',
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_role_branch_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_role_member_id')),
    sa.PrimaryKeyConstraint('member_id', 'role', 'branch_id', name=op.f('pk_role'))
    )
    op.create_table('delivery',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('require', sa.String(length=40), nullable=False),
    sa.Column('transport', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=80), nullable=True),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('sent_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('read_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('done_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('excused_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('excuse', sa.String(length=200), nullable=True),
    sa.Column('reminders', sa.Integer(), nullable=False),
    sa.Column('last_reminded_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_delivery_branch_id')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_delivery_item_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_delivery_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('item_id', 'member_id', name=op.f('uq_delivery_item_id_member_id'))
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index('ix_delivery_item_state', ['item_id', 'state', 'branch_id'], unique=False)
        batch_op.create_index('ix_delivery_member', ['member_id', 'sent_at'], unique=False)
        batch_op.create_index('ix_delivery_open', ['member_id'], unique=False, sqlite_where=sa.text('done_at IS NULL AND excused_at IS NULL'), postgresql_where=sa.text('done_at IS NULL AND excused_at IS NULL'))

    op.create_table('tally',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_tally_branch_id')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_tally_item_id')),
    sa.PrimaryKeyConstraint('item_id', 'branch_id', 'state', name=op.f('pk_tally'))
    )
    op.create_table('message',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=600), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('platform', sa.String(length=40), nullable=False),
    sa.Column('recipient', sa.String(length=160), nullable=False),
    sa.Column('recipient_key', sa.String(length=160), nullable=False),
    sa.Column('content_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('quiet', sa.Boolean(), nullable=False),
    sa.Column('lane', sa.String(length=160), nullable=True),
    sa.Column('reply_to', sa.String(length=512), nullable=True),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('delivery_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('phase', sa.String(length=40), nullable=False),
    sa.Column('not_before', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('started_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('settled_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=80), nullable=True),
    sa.Column('call_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_message_call_id')),
    sa.ForeignKeyConstraint(['content_id'], ['content.id'], name=op.f('fk_message_content_id')),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_message_delivery_id')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_message_item_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_message_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('kind', 'subject', 'number', name=op.f('uq_message_kind_subject_number'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_call', ['call_id'], unique=False, sqlite_where=sa.text('call_id IS NOT NULL'), postgresql_where=sa.text('call_id IS NOT NULL'))
        batch_op.create_index('ix_message_content', ['content_id'], unique=False, sqlite_where=sa.text("phase IN ('ready', 'waiting')"), postgresql_where=sa.text("phase IN ('ready', 'waiting')"))
        batch_op.create_index('ix_message_item', ['item_id', 'phase'], unique=False, sqlite_where=sa.text('item_id IS NOT NULL'), postgresql_where=sa.text('item_id IS NOT NULL'))
        batch_op.create_index('ix_message_lane', ['lane'], unique=False, sqlite_where=sa.text('lane IS NOT NULL'), postgresql_where=sa.text('lane IS NOT NULL'))
        batch_op.create_index('ix_message_member', ['member_id', 'kind', 'created_at'], unique=False, sqlite_where=sa.text('member_id IS NOT NULL'), postgresql_where=sa.text('member_id IS NOT NULL'))
        batch_op.create_index('ix_message_recipient', ['platform', 'recipient_key', 'started_at'], unique=False)
        batch_op.create_index('ix_message_to_send', ['priority', 'not_before', 'id'], unique=False, sqlite_where=sa.text("phase IN ('ready', 'waiting')"), postgresql_where=sa.text("phase IN ('ready', 'waiting')"))

    op.create_table('receipt',
    sa.Column('delivery_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('entered_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_receipt_delivery_id')),
    sa.ForeignKeyConstraint(['entered_by'], ['member.id'], name=op.f('fk_receipt_entered_by')),
    sa.PrimaryKeyConstraint('delivery_id', 'kind', name=op.f('pk_receipt'))
    )
    op.create_table('reminder',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('delivery_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('due_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('moment', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_reminder_delivery_id')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_reminder_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder')),
    sa.UniqueConstraint('delivery_id', 'round', name=op.f('uq_reminder_delivery_id_round'))
    )
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.create_index('ix_reminder_due', ['due_at'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.create_index(batch_op.f('ix_reminder_message_id'), ['message_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reminder_message_id'))
        batch_op.drop_index('ix_reminder_due', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.drop_table('reminder')
    op.drop_table('receipt')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('ix_message_to_send', sqlite_where=sa.text("phase IN ('ready', 'waiting')"), postgresql_where=sa.text("phase IN ('ready', 'waiting')"))
        batch_op.drop_index('ix_message_recipient')
        batch_op.drop_index('ix_message_member', sqlite_where=sa.text('member_id IS NOT NULL'), postgresql_where=sa.text('member_id IS NOT NULL'))
        batch_op.drop_index('ix_message_lane', sqlite_where=sa.text('lane IS NOT NULL'), postgresql_where=sa.text('lane IS NOT NULL'))
        batch_op.drop_index('ix_message_item', sqlite_where=sa.text('item_id IS NOT NULL'), postgresql_where=sa.text('item_id IS NOT NULL'))
        batch_op.drop_index('ix_message_content', sqlite_where=sa.text("phase IN ('ready', 'waiting')"), postgresql_where=sa.text("phase IN ('ready', 'waiting')"))
        batch_op.drop_index('ix_message_call', sqlite_where=sa.text('call_id IS NOT NULL'), postgresql_where=sa.text('call_id IS NOT NULL'))

    op.drop_table('message')
    op.drop_table('tally')
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_index('ix_delivery_open', sqlite_where=sa.text('done_at IS NULL AND excused_at IS NULL'), postgresql_where=sa.text('done_at IS NULL AND excused_at IS NULL'))
        batch_op.drop_index('ix_delivery_member')
        batch_op.drop_index('ix_delivery_item_state')

    op.drop_table('delivery')
    op.drop_table('role')
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.drop_index('ix_item_status_publish_at')
        batch_op.drop_index(batch_op.f('ix_item_branch_id'))

    op.drop_table('item')
    with op.batch_alter_table('chat', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_chat_branch_id'))

    op.drop_table('chat')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_subject'))
        batch_op.drop_index(batch_op.f('ix_audit_actor_id'))

    op.drop_table('audit')
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_account_member_id'))

    op.drop_table('account')
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_member_name'))
        batch_op.drop_index(batch_op.f('ix_member_branch_id'))

    op.drop_table('member')
    op.drop_table('tick')
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.drop_index('ix_inbox_pending', sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))

    op.drop_table('inbox')
    op.drop_table('dialogue')
    op.drop_table('content')
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.drop_index('ix_call_open', sqlite_where=sa.text("state <> 'settled'"), postgresql_where=sa.text("state <> 'settled'"))

    op.drop_table('call')
    with op.batch_alter_table('branch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_branch_path'))
        batch_op.drop_index(batch_op.f('ix_branch_parent_id'))
        batch_op.drop_index(batch_op.f('ix_branch_name'))

    op.drop_table('branch')
