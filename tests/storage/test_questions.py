"""Residents, their questions and threads, on each kind of database."""

from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.enums import Arrival, EntryBy, EntryKind, InboxState, Priority, QuestionState, Role
from storage.messages import NewMessage
from storage.questions import Question, new_question
from storage.residents import OFFICIAL_ACCOUNT
from storage.transaction import Transaction

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
TOKEN = "r.Abc-def_1"


async def ask(tx: Transaction, token: str, words: str, code: str) -> Question:
    resident = await tx.residents.ensure(token, NOW)
    question = new_question(
        resident_id=resident.id, branch_id=None, topic="电梯", words=words, pickup_code=code, now=NOW
    )
    await tx.questions.add_all([question])
    await tx.entries.add(
        question_id=question.id,
        resident_id=resident.id,
        at=NOW,
        by=EntryBy.RESIDENT,
        kind=EntryKind.ASKED,
        text=words,
    )
    return question


async def test_what_is_due_is_a_query(database: Database) -> None:
    async with database.transaction() as tx:
        first, second = await ask(tx, TOKEN, "一", "AAAA2222"), await ask(tx, TOKEN, "二", "BBBB2222")
        assert (await tx.residents.ensure(TOKEN, NOW)).id == first.resident_id == second.resident_id
        assert not await tx.questions.anything_due(NOW)
        first.escalate_at, second.close_at, second.state = NOW, NOW, QuestionState.ANSWERED
        second.time_left = timedelta(hours=3, minutes=1)
        await tx.flush()
        assert await tx.questions.anything_due(NOW)
        assert [each.id for each in await tx.questions.to_escalate(NOW, 9)] == [first.id]
        assert [each.id for each in await tx.questions.to_close(NOW, 9)] == [second.id]
        assert [each.id for each in await tx.questions.open_in(None, 9)] == [first.id]
        assert [each.id for each in await tx.questions.open_in([7], 9)] == [first.id], "of no branch: everybody's"
        assert await tx.questions.count_by_state(None) == {"new": 1}
        latest = await tx.questions.latest_of(first.resident_id, [QuestionState.NEW])
        assert latest is first
        found = await tx.questions.by_code("BBBB2222")
        assert found is second
    async with database.reading() as tx:
        assert (await tx.questions.many([second.id]))[second.id].time_left == timedelta(hours=3, minutes=1)


async def test_a_resident_goes_with_everything_that_passed(database: Database) -> None:
    async with database.transaction() as tx:
        question = await ask(tx, TOKEN, "我叫王秀兰", "AAAA2222")
        other = await ask(tx, "r.other", "别人", "BBBB2222")
        words = [(TOKEN, "给王秀兰"), (TOKEN, "都一样"), ("r.other", "都一样")]
        messages = [
            NewMessage("resident", str(n), OFFICIAL_ACCOUNT, token, text, Priority.URGENT)
            for n, (token, text) in enumerate(words)
        ]
        card = NewMessage("question_card", f"Q{question.id}:new:1", "wecom", "li", "王秀兰", Priority.URGENT)
        await tx.messages.queue([*messages, card], NOW)
        row = {"source": OFFICIAL_ACCOUNT, "key": "k", "payload": TOKEN, "state": InboxState.ASIDE}
        admitted = await tx.inbox.admit([{**row, "next_at": None, "resident": TOKEN, "received_at": NOW}])
        await tx.inbox.finish(dict.fromkeys(admitted.values(), "王秀兰"))
        assert await tx.inbox.replies(OFFICIAL_ACCOUNT, ["k"]) == {"k": "王秀兰"}
        (entry,) = await tx.entries.of_question(question.id)
        entry.arrival = Arrival.KEPT
        await tx.flush()
        assert [each.id for each in await tx.entries.undelivered_of(question.resident_id)] == [entry.id]
    async with database.transaction() as tx:
        await tx.entries.erase([question.id])
        await tx.questions.erase([question.id], NOW)
        await tx.residents.forget(question.resident_id, NOW)
        await tx.scrubs.resident(OFFICIAL_ACCOUNT, TOKEN, NOW)
        await tx.scrubs.questions("question_card", [question.id], NOW)
    async with database.transaction() as tx:
        assert await tx.residents.by_token(TOKEN) is None
        assert await tx.entries.undelivered_of(question.resident_id) == []
        assert (await tx.questions.many([question.id]))[question.id].words == ""
        assert (await tx.questions.many([other.id]))[other.id].words == "别人"
        assert await tx.inbox.replies(OFFICIAL_ACCOUNT, ["k"]) == {"k": None}
        due = await tx.messages.next_due(NOW, 9, platforms=[OFFICIAL_ACCOUNT, "wecom"], quiet_now=False)
        assert [message.recipient for message in due] == ["r.other"]
        assert await tx.contents.body(due[0].content_id) == "都一样"
        bodies = await tx.contents.bodies(range(1, 9))
        assert not any("王秀兰" in body for body in bodies.values())
        assert await tx.questions.kept_too_long(NOW, 9) == []


async def test_many_are_stored_at_once_and_what_they_hold_is_found(database: Database) -> None:
    async with database.transaction() as tx:
        branch = await tx.branches.add("机关总支", None)
        below = await tx.branches.add("第一支部", branch)
        wang = await tx.members.add(
            name="王芳", branch_id=below.id, tier=None, phone=None, platform="wecom", user_id="wang", now=NOW
        )
        await tx.flush()
        await tx.members.set_roles(wang.id, {(Role.RESPONDER, branch.id)})
        residents = await tx.residents.of_tokens(["r.one", "r.two", "r.three"], NOW)
        assert all(resident.id is None for resident in residents.values())
        await tx.residents.add_all(list(residents.values()))
        questions = [
            new_question(
                resident_id=resident.id, branch_id=below.id, topic=None, words=token, pickup_code=token, now=NOW
            )
            for token, resident in residents.items()
        ]
        await tx.questions.add_all(questions)
        questions[0].state = QuestionState.CLOSED
        line = {"by": EntryBy.RESIDENT, "kind": EntryKind.ASKED, "media": None, "picture_url": None, "at": NOW}
        await tx.entries.add_said(
            [{**line, "question_id": q.id, "resident_id": q.resident_id, "text": q.words} for q in questions]
        )
    async with database.transaction() as tx:
        one, two, three = (question.id for question in questions)
        assert {q.words for q in (await tx.questions.many([one, two, three])).values()} == set(residents)
        again = await tx.residents.of_tokens(["r.two", "r.four"], NOW)
        assert [resident.id is None for resident in again.values()] == [False, True]
        everybody = [question.resident_id for question in questions]
        assert await tx.questions.going_on(everybody) == set(everybody[1:])
        assert await tx.entries.waited_for(everybody) == set()
        assert [entry.text for entry in await tx.entries.of_question(two)] == ["r.two"]
        assert await tx.branches.top() == branch.id
        assert await tx.branches.line_of(below.id) == [below.id, branch.id]
        assert await tx.branches.get_name(below.id) == "第一支部"
        assert await tx.holders.of(Role.RESPONDER, [below.id, branch.id]) == {branch.id: {wang.id}}
        assert await tx.holders.all(Role.RESPONDER) == {wang.id}
        assert await tx.public_questions.count(300) == 0
        for number, terms in ((one, ["路灯", "不亮"]), (three, ["路灯"])):
            question = (await tx.questions.many([number]))[number]
            question.published_at, question.public_question, question.public_answer = NOW, "路灯", "已修"
            await tx.flush()
            await tx.public_questions.index(number, terms)
        assert await tx.public_questions.count(300) == 2
        assert await tx.public_questions.newest_holders(["路灯", "不亮", "电梯"]) == {
            "路灯": [three, one],
            "不亮": [one],
        }
        assert await tx.public_questions.texts([one, two]) == {one: ("路灯", "已修")}
