"""The fifth schema: tallies lie by item and state, so that a sum reads just what it sums."""

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _key('item_id', 'state', 'branch_id', without_rowid=True)


def downgrade() -> None:
    _key('item_id', 'branch_id', 'state', without_rowid=False)


def _key(*columns: str, without_rowid: bool) -> None:
    key = f'CONSTRAINT pk_tally PRIMARY KEY ({", ".join(columns)})'
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('ALTER TABLE tally DROP CONSTRAINT pk_tally')
        op.execute(f'ALTER TABLE tally ADD {key}')
        return
    op.execute(
        'CREATE TABLE tally_anew (item_id INTEGER NOT NULL, state VARCHAR(40) NOT NULL, branch_id INTEGER NOT NULL, '
        f'n INTEGER NOT NULL, {key}, '
        'CONSTRAINT fk_tally_item_id FOREIGN KEY(item_id) REFERENCES item (id), '
        'CONSTRAINT fk_tally_branch_id FOREIGN KEY(branch_id) REFERENCES branch (id))'
        + (' WITHOUT ROWID' if without_rowid else '')
    )
    op.execute(f'INSERT INTO tally_anew SELECT item_id, state, branch_id, n FROM tally ORDER BY {", ".join(columns)}')
    op.execute('DROP TABLE tally')
    op.execute('ALTER TABLE tally_anew RENAME TO tally')
