"""Residents' questions for other systems: masked, in pages, and every look is written down."""

import pytest

from storage.enums import EntryBy, EntryKind, QuestionState
from storage.questions import new_question
from tests.handlers.api.system import Office


async def asked(office: Office, words: str, *, answered: bool = False) -> int:
    now = office.clock.now()
    async with office.database.transaction() as tx:
        resident = await tx.residents.ensure("r.secret-token", now)
        question = new_question(
            resident_id=resident.id, branch_id=None, topic="物业", words=words, pickup_code=f"C{words[:6]}", now=now
        )
        await tx.questions.add_all([question])
        await tx.entries.add(
            question_id=question.id,
            resident_id=resident.id,
            at=now,
            by=EntryBy.RESIDENT,
            kind=EntryKind.ASKED,
            text=words,
        )
        if answered:
            question.state, question.answered_at = QuestionState.ANSWERED, now
            await tx.entries.add(
                question_id=question.id,
                resident_id=resident.id,
                at=now,
                by=EntryBy.RESPONDER,
                kind=EntryKind.ANSWER,
                text="已修好。",
            )
        return question.id


@pytest.mark.faults("WEB12")
async def test_a_question_says_everything_but_who_asked(office: Office) -> None:
    await asked(office, "灯坏了，电话13812345678", answered=True)
    await asked(office, "门坏了")
    shown = await office.system.asks("/questions")
    assert [each["number"] for each in shown.body["questions"]] == ["Q2", "Q1"]
    assert shown.body["next"] is None
    only = (await office.system.asks("/questions", {"state": "answered"})).body["questions"]
    assert [each["number"] for each in only] == ["Q1"]
    one = await office.system.asks("/questions/Q1")
    assert one.status == 200
    assert set(one.body) >= {
        *(
            "number",
            "state",
            "text",
            "topic",
            "branch",
            "assignee",
            "asked_at",
            "due_at",
            "answered_at",
            "rating",
            "thread",
        )
    }
    assert [line["text"] for line in one.body["thread"]][1] == "已修好。"
    assert "13812345678" not in str(one.body)
    assert "r.secret-token" not in str(one.body)
    assert (await office.system.asks("/questions/q1")).body == one.body
    for absent in ("Q3", "1", "Q0", "Q", "Q99999999999"):
        missing = await office.system.asks(f"/questions/{absent}")
        assert missing.status == 404
        assert missing.body["error"]["code"] == "not_found"
    async with office.database.reading() as tx:
        looks = await tx.accesses.of_question(1)
    assert [(look.what, look.source) for look in looks] == [("thread", "api")] * 4
    assert all(look.client for look in looks)
