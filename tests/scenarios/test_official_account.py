"""Residents and the official account: what comes in is stored once, what leaves is sealed, nobody sees an id."""

from bot.services.roads import RESIDENTS
from bot.update import UpdateKind
from tests.world import World


async def test_a_resident_is_heard(world: World) -> None:
    wang = world.resident("王阿姨")
    print(await wang.subscribes("branch1"), await wang.says("医保怎么转移？"), await wang.taps_menu("ask"), await wang.sends_voice("你好"))
    print(await world.twin.account.push.verify())
    for c in world.twin.account.push.sent: print(c.statuses, c.replies, c.errors)
    print(wang.heard())
