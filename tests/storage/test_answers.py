"""What responders have on its way, on each kind of database."""

from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.enums import EntryKind
from storage.questions import Question, new_question

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)


async def _question(database: Database) -> tuple[Question, int]:
    async with database.transaction() as tx:
        branch = await tx.branches.add("第一支部", None)
        member = await tx.members.add(
            name="王芳", branch_id=branch.id, tier=None, phone=None, platform="wecom", user_id="wang", now=NOW
        )
        await tx.flush()
        resident = await tx.residents.ensure("r.token", NOW)
        question = new_question(
            resident_id=resident.id, branch_id=branch.id, topic=None, words="路灯坏了", pickup_code="ABC", now=NOW
        )
        await tx.questions.add_all([question])
        return question, member.id


async def test_answers_replace_each_other_and_leave_when_they_are_due(database: Database) -> None:
    question, wang = await _question(database)
    async with database.transaction() as tx:
        await tx.answers.put(
            kind=EntryKind.ANSWER, question_id=question.id, member_id=wang, text="一", leaves_at=LATER, now=NOW
        )
        await tx.answers.put(
            kind=EntryKind.ANSWER, question_id=question.id, member_id=wang, text="二", leaves_at=LATER, now=NOW
        )
    async with database.transaction() as tx:
        assert not await tx.answers.anything_due(NOW)
        assert await tx.answers.anything_due(LATER)
        (due,) = await tx.answers.due(LATER, 10)
        assert due.text == "二"
        await tx.answers.put(
            kind=EntryKind.ANSWER, question_id=question.id, member_id=wang, text="三", leaves_at=None, now=NOW
        )
        assert not await tx.answers.anything_due(LATER)
        await tx.answers.forget(LATER)
        assert await tx.answers.of(question.id, wang) is None


async def test_promises_are_asked_about_until_they_end(database: Database) -> None:
    question, wang = await _question(database)
    async with database.transaction() as tx:
        kept = await tx.commitments.add(
            question_id=question.id, owner_id=wang, words="周三前", due_at=LATER, ask_at=NOW, now=NOW
        )
        assert await tx.commitments.anything_to_ask(NOW)
        assert [each.id for each in await tx.commitments.to_ask(NOW, 5)] == [kept.id]
        assert [each.id for each, _ in await tx.commitments.open_in(set(), wang, 5)] == [kept.id]
        assert len(await tx.commitments.open_in(None, 0, 5)) == 1
        await tx.commitments.erase([question.id], LATER)
    async with database.transaction() as tx:
        assert not await tx.commitments.anything_to_ask(LATER)
        assert await tx.commitments.open_of(question.id) is None


async def test_what_waits_to_be_published_posters_and_what_somebody_looks_at(database: Database) -> None:
    question, wang = await _question(database)
    async with database.transaction() as tx:
        for answer in ("甲", "乙"):
            await tx.publications.put(
                question_id=question.id, question_text="问", answer_text=answer, asked_by_id=wang, now=NOW
            )
        waiting = await tx.publications.get(question.id)
        assert waiting is not None
        assert waiting.answer_text == "乙"
        for now in (NOW, LATER):
            await tx.attention.turn(wang, question.id, now)
        assert await tx.attention.of(wang, LATER) == question.id
        tx.posters.add(branch_id=question.branch_id or 0, member_id=wang, now=NOW)
        await tx.flush()
        assert [each.tries for each in await tx.posters.claim(NOW, 5, until=LATER)] == [1]
        assert not await tx.posters.any_due(NOW)
