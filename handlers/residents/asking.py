"""Questions: text, voice and pictures, and more of them."""

from collections.abc import Sequence

from bot.inbound.reception import ResidentRouter, Visit, recognised
from bot.inbound.router import Reply
from bot.rules.resident_words import Said, Wish
from bot.rules.unwanted_words import says_nothing
from bot.services import intake, routing, thanking
from bot.services.inquiries import own
from bot.services.intake import Result, Taken
from bot.services.new_questions import Spoken
from handlers.residents.wording import offered

router = ResidentRouter()

PICTURE, VOICE = "image", "voice"


@router.crowd(Wish.SAY)
async def say(visits: Sequence[tuple[Visit, Said]]) -> list[Reply | None]:
    """New questions, or more of the ones before."""
    replies: dict[int, Reply] = {}
    spoken: dict[int, tuple[Visit, Spoken]] = {}
    for place, (visit, said) in enumerate(visits):
        words = _spoken(visit, said.words)
        if (refusal := await _refusal(visit, words)) is not None:
            replies[place] = refusal
        else:
            spoken[place] = visit, words
    if spoken:
        first, _ = visits[0]
        people = [(visit.resident, words) for visit, words in spoken.values()]
        taken = await intake.take_in(first.tx, first.settings, people, now=first.now)
        replies.update((place, _answer(spoken[place][0], one)) for place, one in zip(spoken, taken, strict=True))
    return [replies[place] for place in range(len(visits))]


@router.wish(Wish.ADD)
async def add(visit: Visit, said: Said) -> Reply:
    """`补充 Q34 …`, `Q34 …`."""
    if says_nothing(said.words):
        return visit.reply("residents.add_what", number=said.number or "34")
    question = await own(visit.tx, visit.resident, said.number, of=intake.TO_ADD_TO)
    taken = await intake.add_to(visit.tx, visit.settings, question, Spoken(said.words), now=visit.now)
    return _answer(visit, taken)


async def _refusal(visit: Visit, spoken: Spoken) -> Reply | None:
    """What is said to something that is no question at all."""
    if spoken.media == VOICE and not spoken.text:
        return visit.reply("residents.voice")
    if spoken.media not in ("", VOICE, PICTURE):
        return visit.reply("residents.unsupported")
    if spoken.media:
        return None
    if says_nothing(spoken.text):
        return visit.reply("residents.empty")
    if await thanking.is_only_thanks(visit.tx, visit.resident, spoken.text):
        return visit.reply("residents.welcome")
    return None


def _spoken(visit: Visit, words: str) -> Spoken:
    update = visit.update
    if not update.media:
        return Spoken(words)
    return Spoken(recognised(update), update.media, update.details.get("PicUrl", ""))


def _answer(visit: Visit, taken: Taken) -> Reply:
    question, texts = taken.question, visit.texts
    if taken.result is Result.ASIDE:
        return visit.reply("intake.aside", number=question.id)
    due = question.promised_at or visit.now
    if taken.result is Result.ADDED:
        return visit.reply("intake.added", number=question.id, due=due)
    if taken.result is Result.REOPENED:
        return visit.reply("intake.reopened", number=question.id, due=due)
    lines = [texts.say("intake.asked", number=question.id, code=question.pickup_code, due=due)]
    if taken.offer is not None:
        lines.append(offered(texts, taken.offer))
    if taken.menu:
        lines.append(texts.say("places.ask", menu=routing.menu(visit.settings)))
    if taken.before is not None:
        lines.append(texts.say("intake.before", number=taken.before))
    if taken.informs:
        lines.append(texts.say("residents.kept", keep_for=visit.settings.desk.keep_for))
    return Reply("\n\n".join(lines))
