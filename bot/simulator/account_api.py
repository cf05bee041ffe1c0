"""The official account's HTTP calls, below `/mp` of the simulator."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp import web
from yarl import URL

from bot.simulator.gate import Act, Call, Gate
from bot.simulator.refusal import Refusal
from bot.simulator.residents import ResidentPhone
from bot.simulator.shown import Content, Json

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

MOUNT = "/mp"
LONGEST_TEXT = 2048
MOST_BUTTONS, MOST_SUB_BUTTONS = 3, 5
CODE_LIFETIME = timedelta(minutes=5)


@dataclass(slots=True)
class _LoginCode:
    openid: str
    at: datetime
    used: bool = False


class AccountApi:
    """What an account asks the platform for."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.account = twin.account
        self._codes: dict[str, _LoginCode] = {}

    def routes(self) -> list[web.RouteDef]:
        """All calls and the login page."""
        gate = Gate(self.twin, self.account.tokens, self.account.may)
        posts: dict[str, Act] = {
            "message/custom/send": self.custom_send,
            "message/template/send": self.template_send,
            "message/subscribe/bizsend": self.subscribe_send,
            "menu/create": self.menu_create,
            "qrcode/create": self.qrcode_create,
        }
        gets: dict[str, Act] = {
            "menu/get": self.menu_get,
            "template/get_all_private_template": self.templates,
            "getcallbackip": self.callback_ip,
        }
        cgi = f"{MOUNT}/cgi-bin"
        return [
            web.post(f"{cgi}/stable_token", gate.open("stable_token", self.stable_token, token=False)),
            *(web.post(f"{cgi}/{api}", gate.open(api, act)) for api, act in posts.items()),
            *(web.get(f"{cgi}/{api}", gate.open(api, act)) for api, act in gets.items()),
            web.get(f"{MOUNT}/sns/oauth2/access_token", gate.open("oauth2", self.login, token=False)),
            web.get(f"{MOUNT}/pictures/{{name}}", self.picture),
            web.get(f"{MOUNT}/connect/oauth2/authorize", self.authorize),
        ]

    async def stable_token(self, call: Call) -> Json:
        """The same token while it is good."""
        body = call.json()
        if body.get("grant_type") != "client_credential":
            raise Refusal(40002)
        app_id, secret = str(body.get("appid", "")), str(body.get("secret", ""))
        token, lifetime = self.account.tokens.issue(app_id, secret, self.twin.clock.now())
        return {"access_token": token, "expires_in": int(lifetime.total_seconds())}

    async def custom_send(self, call: Call) -> Json:
        """A customer-service message, inside the window that the resident opened."""
        body = call.json()
        content = _content(body)
        phone = self._phone(body)
        if not phone.follows:
            raise Refusal(45015)
        phone.window.spend(self.twin.clock.now())
        phone.show(content, "account")
        return {}

    async def template_send(self, call: Call) -> Json:
        """A template message to somebody who follows."""
        body = call.json()
        content = self._from_template(body)
        phone = self._phone(body)
        if not phone.follows:
            raise Refusal(43004)
        return await self._taken(phone, content)

    async def subscribe_send(self, call: Call) -> Json:
        """One message for each time that the resident agreed to it."""
        body = call.json()
        content = self._from_template(body)
        phone, template = self._phone(body), str(body["template_id"])
        if not phone.follows or template not in phone.consents:
            raise Refusal(43101)
        phone.consents.discard(template)
        return await self._taken(phone, content)

    async def menu_create(self, call: Call) -> Json:
        """Replaces the menu."""
        body = call.json()
        buttons = body.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= MOST_BUTTONS:
            raise Refusal(40016)
        for button in buttons:
            _check_button(button)
        self.account.menu = {"button": buttons}
        self.twin.changed()
        return {}

    async def menu_get(self, _: Call) -> Json:
        """The menu."""
        if self.account.menu is None:
            raise Refusal(46003)
        return {"menu": self.account.menu}

    async def qrcode_create(self, call: Call) -> Json:
        """A code that carries a scene."""
        body = call.json()
        scene = body.get("action_info", {}).get("scene", {})
        carried = str(scene.get("scene_str") or scene.get("scene_id") or "")
        if body.get("action_name") not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
            raise Refusal(40035, "action_name")
        if not 1 <= len(carried) <= 64:
            raise Refusal(40035, "scene")
        ticket = secrets.token_urlsafe(48)
        self.account.scenes[ticket] = carried
        return {"ticket": ticket, "url": f"http://weixin.example/q/{ticket[:22]}"}

    async def templates(self, _: Call) -> Json:
        """The approved templates."""
        return {"template_list": [{"template_id": each} for each in self.account.templates]}

    async def callback_ip(self, _: Call) -> Json:
        """Where callbacks come from."""
        return {"ip_list": ["127.0.0.1"]}

    async def picture(self, request: web.Request) -> web.Response:
        """What a resident sent, for whoever knows the address."""
        content = self.account.pictures.get(request.match_info["name"])
        return web.Response(status=404) if content is None else web.Response(body=content, content_type="image/jpeg")

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """The silent login; who browses stands in the header `X-Simulator-User` or cookie `simulator_user`."""
        query, state = request.query, request.query.get("state", "")
        if query.get("appid") != self.account.ids.app_id or query.get("response_type") != "code":
            return web.Response(status=400, text="errcode=40013")
        openid = request.headers.get("X-Simulator-User") or request.cookies.get("simulator_user", "")
        code = secrets.token_urlsafe(32)
        self._codes[code] = _LoginCode(openid, self.twin.clock.now())
        target = URL(query.get("redirect_uri", "")).update_query(code=code, state=state)
        return web.Response(status=302, headers={"Location": str(target)})

    async def login(self, call: Call) -> Json:
        """The person behind a code, once."""
        query = call.query
        if query.get("appid") != self.account.ids.app_id or query.get("secret") != self.account.ids.secret:
            raise Refusal(40125)
        found = self._codes.get(query.get("code", ""))
        if found is None or self.twin.clock.now() - found.at > CODE_LIFETIME:
            raise Refusal(40029)
        if found.used:
            raise Refusal(40163)
        found.used = True
        return {"openid": found.openid, "scope": "snsapi_base"}

    async def _taken(self, phone: ResidentPhone, content: Content) -> Json:
        """What is taken may still not arrive; see `ResidentPhone.blocks_templates`."""
        phone.last_template = str(self.twin.next_msg_id())
        if not phone.blocks_templates:
            phone.show(content, "account")
        if phone.reports_at_once:
            await phone.template_ends("failed:user block" if phone.blocks_templates else "success")
        return {"msgid": phone.last_template}

    def _phone(self, body: Json) -> ResidentPhone:
        phone = self.account.residents.get(str(body.get("touser", "")))
        if phone is None:
            raise Refusal(40003)
        return phone

    def _from_template(self, body: Json) -> Content:
        names = self.account.templates.get(str(body.get("template_id", "")))
        if names is None:
            raise Refusal(40037)
        data = body.get("data")
        if not isinstance(data, dict) or set(data) != names:
            raise Refusal(47003)
        words = "\n".join(str(each.get("value", "")) for each in data.values())
        return Content("template", words, url=str(body.get("url") or body.get("page") or ""))


def _content(body: Json) -> Content:
    kind = str(body.get("msgtype", ""))
    inner = body.get(kind)
    if not isinstance(inner, dict):
        raise Refusal(40008)
    if kind == "text":
        words = str(inner.get("content", ""))
        if not words:
            raise Refusal(44004)
        if len(words.encode()) > LONGEST_TEXT:
            raise Refusal(45002)
        return Content("text", words, markup=words)
    if kind == "image":
        if not inner.get("media_id"):
            raise Refusal(40007)
        return Content("image", "[image]", media_id=str(inner["media_id"]))
    if kind == "news":
        articles = inner.get("articles")
        if not isinstance(articles, list) or len(articles) != 1:
            raise Refusal(45008)
        article = articles[0]
        words = "\n".join(part for part in (article.get("title"), article.get("description")) if part)
        return Content("news", words, url=str(article.get("url", "")))
    raise Refusal(40008)


def _check_button(button: Json, *, nested: bool = False) -> None:
    if not button.get("name"):
        raise Refusal(40018)
    below = button.get("sub_button")
    if below:
        if nested or len(below) > MOST_SUB_BUTTONS:
            raise Refusal(40023)
        for each in below:
            _check_button(each, nested=True)
        return
    if button.get("type") == "click" and not 1 <= len(str(button.get("key", "")).encode()) <= 128:
        raise Refusal(40019)
    if button.get("type") == "view" and not str(button.get("url", "")).startswith(("http://", "https://")):
        raise Refusal(40020)
    if button.get("type") not in ("click", "view", "miniprogram"):
        raise Refusal(40017)
