"""The menu under the conversation, and the codes that lead into it: 自定义菜单 and 生成带参数的二维码."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from bot.config import MenuConfig
from bot.config.sections import MenuItemConfig
from bot.errors import SendRefused
from bot.platforms.http import Json
from bot.platforms.official_account.client import Client

PICTURES = "https://mp.weixin.qq.com/cgi-bin/showqrcode"


@dataclass(frozen=True, slots=True)
class SceneCode:
    """A code that tells who scanned it what for. `url` is what the code itself holds; `picture` shows it drawn."""

    url: str
    picture: str


def entries(menu: Sequence[MenuConfig]) -> Json:
    """The configured menu as the platform wants it. A tap says its words as if they had been written."""
    return {
        "button": [
            {"name": entry.name, "sub_button": [_entry(item) for item in entry.items]} if entry.items else _entry(entry)
            for entry in menu
        ]
    }


def _entry(item: MenuItemConfig) -> dict[str, Any]:
    if item.url:
        return {"type": "view", "name": item.name, "url": item.url}
    return {"type": "click", "name": item.name, "key": item.says}


async def put(client: Client, menu: Sequence[MenuConfig]) -> None:
    """Replaces the account's menu; phones show it within minutes. Raises as `Client.ask`."""
    await client.ask("menu/create", payload=entries(menu))


async def shown(client: Client) -> list[str]:
    """The names in the account's menu now, those below one as "above / below"; none without a menu."""
    try:
        answer = await client.ask("menu/get")
    except SendRefused as refusal:
        if refusal.reason == "menu":
            return []
        raise
    names: list[str] = []
    for button in answer.get("menu", {}).get("button", []):
        below = button.get("sub_button") or []
        names += [f"{button['name']} / {each['name']}" for each in below] or [str(button["name"])]
    return names


async def scene_code(client: Client, scene: str, *, expires: timedelta | None = None) -> SceneCode:
    """A code that carries `scene` (1 to 64 characters), for ever or for a while. Raises as `Client.ask`."""
    body: Json = {"action_info": {"scene": {"scene_str": scene}}}
    if expires is None:
        body["action_name"] = "QR_LIMIT_STR_SCENE"
    else:
        body |= {"action_name": "QR_STR_SCENE", "expire_seconds": int(expires.total_seconds())}
    answer = await client.ask("qrcode/create", payload=body)
    return SceneCode(str(answer["url"]), f"{PICTURES}?{urlencode({'ticket': answer['ticket']})}")
