"""`负担线`: how many minutes of reading a branch asks of its people in a week without saying why."""

import re

from bot.inbound.router import Context, Reply, Router
from bot.rules.durations import read_duration
from bot.rules.folding import normalise
from bot.services.burdens import draw_line, line_of, own_branch
from storage.enums import Role

router = Router()

_A_WEEK = re.compile(r"\s*(?:/|每|一|a|per)?\s*(?:周|星期|week|w)$", re.IGNORECASE)
_NONE = frozenset({"无", "没有", "取消", "不要", "none", "no", "off"})


@router.command("负担线", "burden", roles=(Role.SECRETARY,))
async def burden(context: Context, rest: str) -> Reply:
    """`负担线`, `负担线 30分钟/周`, `负担线 第一支部 30分钟`, `负担线 无`."""
    branch_id, name, words = await own_branch(context.tx, context.speaker, rest.strip())
    if not words:
        line = await line_of(context.tx, branch_id)
        if line is None:
            return context.reply("burden.no_line", branch=name)
        return context.reply("burden.line", branch=line.branch, minutes=line.minutes)
    plain = normalise(words).casefold()
    if plain in _NONE:
        await draw_line(context.tx, context.speaker, branch_id, None, source=context.update.platform, now=context.now)
        return context.reply("burden.lifted", branch=name)
    length = read_duration(_A_WEEK.sub("", plain))
    if length is None:
        return context.reply("burden.example")
    minutes = int(length.total_seconds() // 60)
    await draw_line(context.tx, context.speaker, branch_id, minutes, source=context.update.platform, now=context.now)
    return context.reply("burden.drawn", branch=name, minutes=minutes)
