"""The poster of a branch: asked for in the chat, drawn a moment later, scanned by residents."""

from bot.drawings import HEIGHT, WIDTH, poster
from storage.enums import Role
from tests.desk import open_desk
from tests.world import World


async def test_a_poster_comes_as_a_picture_and_leads_to_the_branch(world: World) -> None:
    desk = await open_desk(world)
    both = await world.member("马主任", "机关总支", roles=[Role.RESPONDER])
    assert await desk.wang.says("二维码") == "“第一支部”的二维码海报正在画，一会儿私下发给您。"
    assert desk.wang.last.kind == "image"
    asked = [each for each in world.twin.requests if each.api.endswith("qrcode/create")]
    assert len(asked) == 1
    assert '"scene_str":"branch2"' in asked[0].body.decode().replace(" ", "")
    assert await desk.wang.says("二维码 机关总支") == ("没有叫“机关总支”的支部，或不归您管。可以是：第一支部")
    assert await desk.secretary.says("二维码") == "“第一支部”的二维码海报正在画，一会儿私下发给您。"
    assert desk.secretary.last.kind == "image"
    assert "没有叫“机关总支”的支部" in (await desk.secretary.says("二维码 机关总支") or "")
    plain = await world.member("吴刚", "第一支部")
    assert await plain.says("二维码") != "“第一支部”的二维码海报正在画，一会儿私下发给您。"
    assert await both.says("二维码 第一支部") == "“第一支部”的二维码海报正在画，一会儿私下发给您。"

    await world.resident("王阿姨").scans("branch2")
    await desk.asked("路灯坏了")
    assert (await desk.question(1)).branch_id == 2

    world.twin.faults.add("qrcode/create", errcode=48001)
    await desk.li.says("二维码")
    assert desk.li.heard()[-1].startswith("公众号没有生成二维码的权限")


def test_the_picture_is_a_png_that_is_not_empty() -> None:
    drawn = poster("http://weixin.qq.com/q/02abc", "第一支部" * 20, ["微信扫一扫"])
    assert drawn.startswith(b"\x89PNG\r\n")
    assert int.from_bytes(drawn[16:20]) == WIDTH
    assert int.from_bytes(drawn[20:24]) == HEIGHT
