"""What responders hear of questions: numbers, topics and times. The words of residents are read in `问题 Q34` alone."""

from datetime import datetime

from bot.services.responders import owners_of, tell_responders
from bot.services.settings import Settings
from storage.questions import Question
from storage.transaction import Transaction


def headline(settings: Settings, question: Question) -> str:
    """`Q34（物业维修）`."""
    if question.topic is None:
        return f"Q{question.id}"
    return settings.texts.say("news.headline", number=question.id, topic=question.topic)


async def report(tx: Transaction, settings: Settings, question: Question, what: str, *, now: datetime) -> None:
    """Something happened to a question (`news.<what>`), to its owner or to everybody who may answer it."""
    due = question.due_at or now
    words = settings.texts.say(
        f"news.{what}", headline=headline(settings, question), number=question.id, due=due, rating=question.rating or 0
    )
    readers = await owners_of(tx, question)
    await tell_responders(tx, settings, readers, words, subject=f"{what}:{question.id}:{now.isoformat()}", now=now)
