"""Residents' questions: the list, and one with its thread. Whoever looks is written down."""

from typing import Annotated

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from bot.services import question_register
from handlers.api import models
from handlers.api.calls import Call, Paging, Query, Route
from storage.enums import QuestionState


class WhichQuestions(Paging):
    state: Annotated[QuestionState | SkipJsonSchema[None], Field(description="Only questions in this state.")] = None


async def list_questions(call: Call[WhichQuestions]) -> models.Questions:
    query, zone = call.query, call.settings.texts.zone
    found = await question_register.questions_page(
        call.tx, state=query.state, client=call.client, now=call.now, before=call.before, limit=query.limit + 1
    )
    entries, following = call.page(found, query.limit, lambda entry: entry.number)
    return models.Questions(questions=[models.Question.of(entry, zone) for entry in entries], next=following)


async def show_question(call: Call[Query]) -> models.Question:
    found = await question_register.question_numbered(call.tx, call.number, client=call.client, now=call.now)
    return models.Question.of(found, call.settings.texts.zone)


ROUTES = (
    Route(
        "/questions",
        "listQuestions",
        "Residents' questions, newest first.",
        WhichQuestions,
        models.Questions,
        list_questions,
        logged=True,
    ),
    Route(
        "/questions/{question}",
        "showQuestion",
        "One question with its thread.",
        Query,
        models.Question,
        show_question,
        logged=True,
    ),
)
