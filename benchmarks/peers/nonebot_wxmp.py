"""NoneBot 2 with its official-account adapter."""

import os

import nonebot
from nonebot import on_message
from nonebot.adapters.wxmp import Adapter

account = {"appid": os.environ["APP_ID"], "token": os.environ["TOKEN"], "secret": "unused", "type": "official"}
nonebot.init(
    driver="~fastapi+~httpx",
    host="127.0.0.1",
    port=int(os.environ["PORT"]),
    log_level="ERROR",
    fastapi_reload=False,
    wxmp_bots=[account],
)
nonebot.get_driver().register_adapter(Adapter)
matcher = on_message()


@matcher.handle()
async def answer():
    await matcher.finish(os.environ["WORDS"])


nonebot.run(access_log=False)
