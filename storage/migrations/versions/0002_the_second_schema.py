"""The second schema"""

from alembic import op
import sqlalchemy as sa

import storage.base

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('day_budget',
    sa.Column('platform', sa.String(length=40), nullable=False),
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('used', sa.Integer(), nullable=False),
    sa.Column('touched_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('platform', 'day', name=op.f('pk_day_budget'))
    )
    op.create_table('event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mark', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('data', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event'))
    )
    op.create_table('file',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('type', sa.String(length=40), nullable=False),
    sa.Column('wanted_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_file'))
    )
    with op.batch_alter_table('file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_file_wanted_at'), ['wanted_at'], unique=False)

    op.create_table('keyed_answer',
    sa.Column('client', sa.String(length=100), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('client', 'key', name=op.f('pk_keyed_answer'))
    )
    op.create_table('resident',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token', sa.String(length=160), nullable=True),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('subscribed_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('left_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('spoke_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('touched_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('informed_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('hour_began_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('said_in_hour', sa.Integer(), nullable=False),
    sa.Column('missed_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('missed', sa.Integer(), nullable=False),
    sa.Column('forgotten_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('created_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_resident_branch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resident')),
    sa.UniqueConstraint('token', name=op.f('uq_resident_token'))
    )
    op.create_table('upload',
    sa.Column('platform', sa.String(length=40), nullable=False),
    sa.Column('content_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('media_id', sa.String(length=512), nullable=True),
    sa.Column('good_until', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('next_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('first_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['content_id'], ['content.id'], name=op.f('fk_upload_content_id')),
    sa.PrimaryKeyConstraint('platform', 'content_id', name=op.f('pk_upload'))
    )
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.create_index('ix_upload_due', ['next_at'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))

    op.create_table('approval_branch',
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('set_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('set_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_approval_branch_branch_id')),
    sa.ForeignKeyConstraint(['set_by'], ['member.id'], name=op.f('fk_approval_branch_set_by')),
    sa.PrimaryKeyConstraint('branch_id', name=op.f('pk_approval_branch'))
    )
    op.create_table('burden_line',
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('set_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('set_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_burden_line_branch_id')),
    sa.ForeignKeyConstraint(['set_by'], ['member.id'], name=op.f('fk_burden_line_set_by')),
    sa.PrimaryKeyConstraint('branch_id', name=op.f('pk_burden_line'))
    )
    op.create_table('helping',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('helper_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('agreed_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['helper_id'], ['member.id'], name=op.f('fk_helping_helper_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_helping_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_helping'))
    )
    with op.batch_alter_table('helping', schema=None) as batch_op:
        batch_op.create_index('ix_helping_helper', ['helper_id'], unique=False, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.create_index('ix_helping_member', ['member_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('leave',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('begins_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('ends_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('over_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_leave_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leave'))
    )
    with op.batch_alter_table('leave', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_leave_member_id'), ['member_id'], unique=False)
        batch_op.create_index('ix_leave_open', ['ends_at'], unique=False, sqlite_where=sa.text('over_at IS NULL'), postgresql_where=sa.text('over_at IS NULL'))

    op.create_table('poster',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('next_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('done_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_poster_branch_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_poster_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_poster'))
    )
    with op.batch_alter_table('poster', schema=None) as batch_op:
        batch_op.create_index('ix_poster_due', ['next_at'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    op.create_table('question',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('resident_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('topic', sa.String(length=40), nullable=True),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('owner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('pickup_code', sa.String(length=12), nullable=True),
    sa.Column('asked_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('said_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('due_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('promised_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('paused_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('time_left', sa.Interval(), nullable=True),
    sa.Column('escalated', sa.Integer(), nullable=False),
    sa.Column('escalate_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('late_told_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('warn_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('answered_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('close_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('closed_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('rating_words', sa.Text(), nullable=True),
    sa.Column('rated_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('merged_into', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('offered_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('offer_helped', sa.Boolean(), nullable=True),
    sa.Column('public_question', sa.Text(), nullable=True),
    sa.Column('public_answer', sa.Text(), nullable=True),
    sa.Column('published_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('published_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('helped', sa.Integer(), nullable=False),
    sa.Column('not_helped', sa.Integer(), nullable=False),
    sa.Column('erased_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_question_branch_id')),
    sa.ForeignKeyConstraint(['merged_into'], ['question.id'], name=op.f('fk_question_merged_into')),
    sa.ForeignKeyConstraint(['offered_id'], ['question.id'], name=op.f('fk_question_offered_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['member.id'], name=op.f('fk_question_owner_id')),
    sa.ForeignKeyConstraint(['published_by_id'], ['member.id'], name=op.f('fk_question_published_by_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_question_resident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question')),
    sa.UniqueConstraint('pickup_code', name=op.f('uq_question_pickup_code'))
    )
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.create_index('ix_question_aside', ['branch_id'], unique=False, sqlite_where=sa.text("state = 'aside'"), postgresql_where=sa.text("state = 'aside'"))
        batch_op.create_index('ix_question_branch', ['branch_id', 'id'], unique=False)
        batch_op.create_index('ix_question_close', ['close_at'], unique=False, sqlite_where=sa.text('close_at IS NOT NULL'), postgresql_where=sa.text('close_at IS NOT NULL'))
        batch_op.create_index('ix_question_escalate', ['escalate_at'], unique=False, sqlite_where=sa.text('escalate_at IS NOT NULL'), postgresql_where=sa.text('escalate_at IS NOT NULL'))
        batch_op.create_index('ix_question_keep', ['closed_at'], unique=False, sqlite_where=sa.text('closed_at IS NOT NULL AND erased_at IS NULL'), postgresql_where=sa.text('closed_at IS NOT NULL AND erased_at IS NULL'))
        batch_op.create_index('ix_question_merged', ['merged_into'], unique=False, sqlite_where=sa.text('merged_into IS NOT NULL'), postgresql_where=sa.text('merged_into IS NOT NULL'))
        batch_op.create_index('ix_question_open', ['asked_at', 'id'], unique=False, sqlite_where=sa.text("state IN ('new', 'assigned', 'reopened')"), postgresql_where=sa.text("state IN ('new', 'assigned', 'reopened')"))
        batch_op.create_index('ix_question_owner', ['owner_id'], unique=False, sqlite_where=sa.text("state IN ('new', 'assigned', 'reopened')"), postgresql_where=sa.text("state IN ('new', 'assigned', 'reopened')"))
        batch_op.create_index('ix_question_public', ['published_at'], unique=False, sqlite_where=sa.text('published_at IS NOT NULL'), postgresql_where=sa.text('published_at IS NOT NULL'))
        batch_op.create_index('ix_question_resident', ['resident_id', 'id'], unique=False)
        batch_op.create_index('ix_question_warn', ['warn_at'], unique=False, sqlite_where=sa.text('warn_at IS NOT NULL'), postgresql_where=sa.text('warn_at IS NOT NULL'))

    op.create_table('responder_chat',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('platform', sa.String(length=40), nullable=False),
    sa.Column('chat_id', sa.String(length=128), nullable=False),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('bound_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('bound_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['bound_by'], ['member.id'], name=op.f('fk_responder_chat_bound_by')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_responder_chat_branch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_responder_chat')),
    sa.UniqueConstraint('platform', 'chat_id', name=op.f('uq_responder_chat_platform_chat_id'))
    )
    op.create_table('snippet',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_snippet_branch_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_snippet_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snippet')),
    sa.UniqueConstraint('branch_id', 'name', name=op.f('uq_snippet_branch_id_name'))
    )
    op.create_table('approval',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('in_the_morning', sa.Boolean(), nullable=False),
    sa.Column('asked_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('reminded_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decided_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['asked_by'], ['member.id'], name=op.f('fk_approval_asked_by')),
    sa.ForeignKeyConstraint(['decided_by'], ['member.id'], name=op.f('fk_approval_decided_by')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_approval_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval'))
    )
    with op.batch_alter_table('approval', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_approval_item_id'), ['item_id'], unique=False)
        batch_op.create_index('ix_approval_of_item', ['item_id', 'version'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.create_index('ix_approval_waiting', ['asked_at'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    op.create_table('attachment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('chat_id', sa.String(length=128), nullable=False),
    sa.Column('platform', sa.String(length=40), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=True),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=True),
    sa.Column('next_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('created_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['member.id'], name=op.f('fk_attachment_author_id')),
    sa.ForeignKeyConstraint(['digest'], ['file.digest'], name=op.f('fk_attachment_digest')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_attachment_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment'))
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.create_index('ix_attachment_author', ['author_id', 'created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachment_digest'), ['digest'], unique=False)
        batch_op.create_index('ix_attachment_due', ['next_at'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.create_index('ix_attachment_item', ['item_id', 'id'], unique=False)

    op.create_table('attention',
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_attention_member_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_attention_question_id')),
    sa.PrimaryKeyConstraint('member_id', name=op.f('pk_attention'))
    )
    op.create_table('commitment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('owner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('due_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('ask_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('late_told_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('created_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['member.id'], name=op.f('fk_commitment_owner_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_commitment_question_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commitment'))
    )
    with op.batch_alter_table('commitment', schema=None) as batch_op:
        batch_op.create_index('ix_commitment_ask', ['ask_at'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.create_index('ix_commitment_question', ['question_id'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.create_table('entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('resident_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('media', sa.String(length=40), nullable=True),
    sa.Column('picture_url', sa.String(length=600), nullable=True),
    sa.Column('arrival', sa.String(length=40), nullable=True),
    sa.Column('arrived_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=80), nullable=True),
    sa.Column('parts_given', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_entry_member_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_entry_question_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_entry_resident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entry'))
    )
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.create_index('ix_entry_question', ['question_id', 'id'], unique=False)
        batch_op.create_index('ix_entry_undelivered', ['resident_id', 'id'], unique=False, sqlite_where=sa.text("arrival IN ('queued', 'kept')"), postgresql_where=sa.text("arrival IN ('queued', 'kept')"))

    op.create_table('export',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('branches', sa.Text(), nullable=True),
    sa.Column('asked_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('next_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('done_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_export_item_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_export_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export'))
    )
    with op.batch_alter_table('export', schema=None) as batch_op:
        batch_op.create_index('ix_export_due', ['next_at'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
        batch_op.create_index('ix_export_waiting', ['item_id', 'member_id'], unique=True, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    op.create_table('item_version',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=400), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('link', sa.String(length=2048), nullable=True),
    sa.Column('due_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('changed', sa.String(length=80), nullable=False),
    sa.Column('major', sa.Boolean(), nullable=True),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('readers', sa.Integer(), nullable=False),
    sa.Column('created_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('publish_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('published_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['member.id'], name=op.f('fk_item_version_author_id')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_item_version_item_id')),
    sa.PrimaryKeyConstraint('item_id', 'number', name=op.f('pk_item_version'))
    )
    with op.batch_alter_table('item_version', schema=None) as batch_op:
        batch_op.create_index('ix_item_version_state', ['state', 'publish_at'], unique=False)

    op.create_table('leave_excuse',
    sa.Column('leave_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_leave_excuse_item_id')),
    sa.ForeignKeyConstraint(['leave_id'], ['leave.id'], name=op.f('fk_leave_excuse_leave_id')),
    sa.PrimaryKeyConstraint('leave_id', 'item_id', name=op.f('pk_leave_excuse'))
    )
    op.create_table('meeting',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('begins_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('ends_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=True),
    sa.Column('remind_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_meeting_item_id')),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_meeting'))
    )
    with op.batch_alter_table('meeting', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_meeting_code'), ['code'], unique=False)
        batch_op.create_index('ix_meeting_remind_at', ['remind_at'], unique=False, sqlite_where=sa.text('remind_at IS NOT NULL'), postgresql_where=sa.text('remind_at IS NOT NULL'))

    op.create_table('paper_entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entered_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('taken_back_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['entered_by'], ['member.id'], name=op.f('fk_paper_entry_entered_by')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_paper_entry_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_entry'))
    )
    with op.batch_alter_table('paper_entry', schema=None) as batch_op:
        batch_op.create_index('ix_paper_entry_item', ['item_id', 'entered_by'], unique=False)

    op.create_table('pending_answer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('leaves_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('promised_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('created_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_pending_answer_member_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_pending_answer_question_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pending_answer')),
    sa.UniqueConstraint('question_id', 'member_id', name=op.f('uq_pending_answer_question_id_member_id'))
    )
    with op.batch_alter_table('pending_answer', schema=None) as batch_op:
        batch_op.create_index('ix_pending_answer_due', ['leaves_at'], unique=False, sqlite_where=sa.text('leaves_at IS NOT NULL'), postgresql_where=sa.text('leaves_at IS NOT NULL'))

    op.create_table('plan',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('status', sa.String(length=40), nullable=False),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('starts_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('due_words', sa.String(length=400), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('moment', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('sent', sa.Integer(), nullable=False),
    sa.Column('created_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['member.id'], name=op.f('fk_plan_author_id')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_plan_branch_id')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_plan_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan'))
    )
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.create_index('ix_plan_active', ['author_id'], unique=False, sqlite_where=sa.text("status = 'active'"), postgresql_where=sa.text("status = 'active'"))
        batch_op.create_index(batch_op.f('ix_plan_branch_id'), ['branch_id'], unique=False)
        batch_op.create_index('ix_plan_live_item', ['item_id'], unique=False, sqlite_where=sa.text("status IN ('draft', 'active')"), postgresql_where=sa.text("status IN ('draft', 'active')"))

    op.create_table('poll',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.Column('anonymous', sa.Boolean(), nullable=False),
    sa.Column('shown', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_poll_item_id')),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_poll'))
    )
    op.create_table('public_term',
    sa.Column('term', sa.String(length=32), nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_public_term_question_id')),
    sa.PrimaryKeyConstraint('term', 'question_id', name=op.f('pk_public_term')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('public_term', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_public_term_question_id'), ['question_id'], unique=False)

    op.create_table('publication',
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('question_text', sa.Text(), nullable=False),
    sa.Column('answer_text', sa.Text(), nullable=False),
    sa.Column('asked_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['asked_by_id'], ['member.id'], name=op.f('fk_publication_asked_by_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_publication_question_id')),
    sa.PrimaryKeyConstraint('question_id', name=op.f('pk_publication'))
    )
    op.create_table('signup',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('places', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_signup_item_id')),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_signup'))
    )
    op.create_table('withdrawal',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('actor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('had', sa.Integer(), nullable=False),
    sa.Column('read', sa.Integer(), nullable=False),
    sa.Column('acknowledged', sa.Integer(), nullable=False),
    sa.Column('dropped', sa.Integer(), nullable=False),
    sa.Column('reported_at', storage.base.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['actor_id'], ['member.id'], name=op.f('fk_withdrawal_actor_id')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_withdrawal_item_id')),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_withdrawal'))
    )
    with op.batch_alter_table('withdrawal', schema=None) as batch_op:
        batch_op.create_index('ix_withdrawal_open', ['at'], unique=False, sqlite_where=sa.text('reported_at IS NULL'), postgresql_where=sa.text('reported_at IS NULL'))

    op.create_table('attendance',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('entered_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['entered_by'], ['member.id'], name=op.f('fk_attendance_entered_by')),
    sa.ForeignKeyConstraint(['item_id'], ['meeting.item_id'], name=op.f('fk_attendance_item_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_attendance_member_id')),
    sa.PrimaryKeyConstraint('item_id', 'member_id', name=op.f('pk_attendance'))
    )
    op.create_table('earlier_receipt',
    sa.Column('delivery_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('entered_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_earlier_receipt_delivery_id')),
    sa.ForeignKeyConstraint(['entered_by'], ['member.id'], name=op.f('fk_earlier_receipt_entered_by')),
    sa.PrimaryKeyConstraint('delivery_id', 'kind', 'version', name=op.f('pk_earlier_receipt'))
    )
    op.create_table('meeting_answer',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('comes', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['meeting.item_id'], name=op.f('fk_meeting_answer_item_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_meeting_answer_member_id')),
    sa.PrimaryKeyConstraint('item_id', 'member_id', name=op.f('pk_meeting_answer'))
    )
    op.create_table('paper_line',
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('delivery_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_paper_line_delivery_id')),
    sa.ForeignKeyConstraint(['entry_id'], ['paper_entry.id'], name=op.f('fk_paper_line_entry_id')),
    sa.PrimaryKeyConstraint('entry_id', 'delivery_id', name=op.f('pk_paper_line'))
    )
    op.create_table('place',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('waiting', sa.Boolean(), nullable=False),
    sa.Column('at', storage.base.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['signup.item_id'], name=op.f('fk_place_item_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_place_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_place')),
    sa.UniqueConstraint('item_id', 'member_id', name=op.f('uq_place_item_id_member_id'))
    )
    op.create_table('poll_option',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('words', sa.String(length=200), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['poll.item_id'], name=op.f('fk_poll_option_item_id')),
    sa.PrimaryKeyConstraint('item_id', 'number', name=op.f('pk_poll_option'))
    )
    op.create_table('vote',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['poll.item_id'], name=op.f('fk_vote_item_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_vote_member_id')),
    sa.PrimaryKeyConstraint('item_id', 'member_id', 'number', name=op.f('pk_vote'))
    )
    op.create_table('voter',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['poll.item_id'], name=op.f('fk_voter_item_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_voter_member_id')),
    sa.PrimaryKeyConstraint('item_id', 'member_id', name=op.f('pk_voter'))
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('first_version', sa.Integer(), server_default='1', nullable=False))

    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.add_column(sa.Column('resident', sa.String(length=160), nullable=True))
        batch_op.create_index('ix_inbox_kept', ['received_at'], unique=False, sqlite_where=sa.text('reply IS NOT NULL OR resident IS NOT NULL'), postgresql_where=sa.text('reply IS NOT NULL OR resident IS NOT NULL'))
        batch_op.create_index('ix_inbox_resident', ['resident'], unique=False, sqlite_where=sa.text('resident IS NOT NULL'), postgresql_where=sa.text('resident IS NOT NULL'))

    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('asks_since', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('attached', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('spread', sa.Boolean(), server_default=sa.text('(false)'), nullable=False))
        batch_op.add_column(sa.Column('occasion', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('keep_until', storage.base.UTCDateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_item_published_at', ['published_at'], unique=False, sqlite_where=sa.text('published_at IS NOT NULL'), postgresql_where=sa.text('published_at IS NOT NULL'))

    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=True))

    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.create_index('ix_receipt_entered', ['at', 'delivery_id'], unique=False, sqlite_where=sa.text('entered_by IS NOT NULL'), postgresql_where=sa.text('entered_by IS NOT NULL'))



def downgrade() -> None:
    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.drop_index('ix_receipt_entered', sqlite_where=sa.text('entered_by IS NOT NULL'), postgresql_where=sa.text('entered_by IS NOT NULL'))
        batch_op.drop_column('version')

    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_column('version')

    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.drop_index('ix_item_published_at', sqlite_where=sa.text('published_at IS NOT NULL'), postgresql_where=sa.text('published_at IS NOT NULL'))
        batch_op.drop_column('keep_until')
        batch_op.drop_column('occasion')
        batch_op.drop_column('spread')
        batch_op.drop_column('attached')
        batch_op.drop_column('asks_since')

    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.drop_index('ix_inbox_resident', sqlite_where=sa.text('resident IS NOT NULL'), postgresql_where=sa.text('resident IS NOT NULL'))
        batch_op.drop_index('ix_inbox_kept', sqlite_where=sa.text('reply IS NOT NULL OR resident IS NOT NULL'), postgresql_where=sa.text('reply IS NOT NULL OR resident IS NOT NULL'))
        batch_op.drop_column('resident')

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_column('first_version')
        batch_op.drop_column('version')

    op.drop_table('voter')
    op.drop_table('vote')
    op.drop_table('poll_option')
    op.drop_table('place')
    op.drop_table('paper_line')
    op.drop_table('meeting_answer')
    op.drop_table('earlier_receipt')
    op.drop_table('attendance')
    with op.batch_alter_table('withdrawal', schema=None) as batch_op:
        batch_op.drop_index('ix_withdrawal_open', sqlite_where=sa.text('reported_at IS NULL'), postgresql_where=sa.text('reported_at IS NULL'))

    op.drop_table('withdrawal')
    op.drop_table('signup')
    op.drop_table('publication')
    with op.batch_alter_table('public_term', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_public_term_question_id'))

    op.drop_table('public_term')
    op.drop_table('poll')
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.drop_index('ix_plan_live_item', sqlite_where=sa.text("status IN ('draft', 'active')"), postgresql_where=sa.text("status IN ('draft', 'active')"))
        batch_op.drop_index(batch_op.f('ix_plan_branch_id'))
        batch_op.drop_index('ix_plan_active', sqlite_where=sa.text("status = 'active'"), postgresql_where=sa.text("status = 'active'"))

    op.drop_table('plan')
    with op.batch_alter_table('pending_answer', schema=None) as batch_op:
        batch_op.drop_index('ix_pending_answer_due', sqlite_where=sa.text('leaves_at IS NOT NULL'), postgresql_where=sa.text('leaves_at IS NOT NULL'))

    op.drop_table('pending_answer')
    with op.batch_alter_table('paper_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_paper_entry_item')

    op.drop_table('paper_entry')
    with op.batch_alter_table('meeting', schema=None) as batch_op:
        batch_op.drop_index('ix_meeting_remind_at', sqlite_where=sa.text('remind_at IS NOT NULL'), postgresql_where=sa.text('remind_at IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_meeting_code'))

    op.drop_table('meeting')
    op.drop_table('leave_excuse')
    with op.batch_alter_table('item_version', schema=None) as batch_op:
        batch_op.drop_index('ix_item_version_state')

    op.drop_table('item_version')
    with op.batch_alter_table('export', schema=None) as batch_op:
        batch_op.drop_index('ix_export_waiting', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
        batch_op.drop_index('ix_export_due', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    op.drop_table('export')
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.drop_index('ix_entry_undelivered', sqlite_where=sa.text("arrival IN ('queued', 'kept')"), postgresql_where=sa.text("arrival IN ('queued', 'kept')"))
        batch_op.drop_index('ix_entry_question')

    op.drop_table('entry')
    with op.batch_alter_table('commitment', schema=None) as batch_op:
        batch_op.drop_index('ix_commitment_question', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.drop_index('ix_commitment_ask', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.drop_table('commitment')
    op.drop_table('attention')
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_index('ix_attachment_item')
        batch_op.drop_index('ix_attachment_due', sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_attachment_digest'))
        batch_op.drop_index('ix_attachment_author')

    op.drop_table('attachment')
    with op.batch_alter_table('approval', schema=None) as batch_op:
        batch_op.drop_index('ix_approval_waiting', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.drop_index('ix_approval_of_item', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.drop_index(batch_op.f('ix_approval_item_id'))

    op.drop_table('approval')
    op.drop_table('snippet')
    op.drop_table('responder_chat')
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.drop_index('ix_question_warn', sqlite_where=sa.text('warn_at IS NOT NULL'), postgresql_where=sa.text('warn_at IS NOT NULL'))
        batch_op.drop_index('ix_question_resident')
        batch_op.drop_index('ix_question_public', sqlite_where=sa.text('published_at IS NOT NULL'), postgresql_where=sa.text('published_at IS NOT NULL'))
        batch_op.drop_index('ix_question_owner', sqlite_where=sa.text("state IN ('new', 'assigned', 'reopened')"), postgresql_where=sa.text("state IN ('new', 'assigned', 'reopened')"))
        batch_op.drop_index('ix_question_open', sqlite_where=sa.text("state IN ('new', 'assigned', 'reopened')"), postgresql_where=sa.text("state IN ('new', 'assigned', 'reopened')"))
        batch_op.drop_index('ix_question_merged', sqlite_where=sa.text('merged_into IS NOT NULL'), postgresql_where=sa.text('merged_into IS NOT NULL'))
        batch_op.drop_index('ix_question_keep', sqlite_where=sa.text('closed_at IS NOT NULL AND erased_at IS NULL'), postgresql_where=sa.text('closed_at IS NOT NULL AND erased_at IS NULL'))
        batch_op.drop_index('ix_question_escalate', sqlite_where=sa.text('escalate_at IS NOT NULL'), postgresql_where=sa.text('escalate_at IS NOT NULL'))
        batch_op.drop_index('ix_question_close', sqlite_where=sa.text('close_at IS NOT NULL'), postgresql_where=sa.text('close_at IS NOT NULL'))
        batch_op.drop_index('ix_question_branch')
        batch_op.drop_index('ix_question_aside', sqlite_where=sa.text("state = 'aside'"), postgresql_where=sa.text("state = 'aside'"))

    op.drop_table('question')
    with op.batch_alter_table('poster', schema=None) as batch_op:
        batch_op.drop_index('ix_poster_due', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    op.drop_table('poster')
    with op.batch_alter_table('leave', schema=None) as batch_op:
        batch_op.drop_index('ix_leave_open', sqlite_where=sa.text('over_at IS NULL'), postgresql_where=sa.text('over_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_leave_member_id'))

    op.drop_table('leave')
    with op.batch_alter_table('helping', schema=None) as batch_op:
        batch_op.drop_index('ix_helping_member', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index('ix_helping_helper', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.drop_table('helping')
    op.drop_table('burden_line')
    op.drop_table('approval_branch')
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.drop_index('ix_upload_due', sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))

    op.drop_table('upload')
    op.drop_table('resident')
    op.drop_table('keyed_answer')
    with op.batch_alter_table('file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_file_wanted_at'))

    op.drop_table('file')
    op.drop_table('event')
    op.drop_table('day_budget')
