"""Every address of the simulator, to be mounted anywhere."""

from __future__ import annotations

from email.utils import format_datetime

from aiohttp import web

from bot.simulator.account_api import AccountApi
from bot.simulator.bot_socket import BotSocket
from bot.simulator.browser_page import BrowserPage
from bot.simulator.contacts import Contacts
from bot.simulator.control import Control
from bot.simulator.gate import Act, Call, Gate
from bot.simulator.oauth_page import OAuthPage
from bot.simulator.page_api import PageApi
from bot.simulator.sending import Sending
from bot.simulator.shown import Json
from bot.simulator.twin import Twin
from bot.simulator.uploads import Uploads


def build_app(twin: Twin) -> web.Application:
    """The application; all paths are relative to where it is mounted. Its end wakes and closes what hangs on it."""
    app = web.Application()
    app.add_routes(_wecom(twin))
    app.add_routes(AccountApi(twin).routes())
    app.add_routes(OAuthPage(twin).routes())
    app.add_routes([web.get("/ws", BotSocket(twin).handle)])
    app.add_routes([web.get("/files/{media_id}", Uploads(twin).sealed)])
    app.add_routes(BrowserPage(twin).routes())
    app.add_routes(PageApi(twin).routes())
    app.add_routes(Control(twin).routes())

    async def vendor_time(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(twin.clock.now(), usegmt=True)

    async def shut(_: web.Application) -> None:
        twin.changes.close()
        await twin.bot.close()

    app.on_response_prepare.append(vendor_time)
    app.on_shutdown.append(shut)
    return app


def _wecom(twin: Twin) -> list[web.RouteDef]:
    """The HTTP calls of a self-built app."""
    gate, sending, uploads, contacts = Gate(twin), Sending(twin), Uploads(twin), Contacts(twin)

    async def get_token(call: Call) -> Json:
        query = call.query
        token, lifetime = twin.tokens.issue(query.get("corpid", ""), query.get("corpsecret", ""), twin.clock.now())
        return {"access_token": token, "expires_in": int(lifetime.total_seconds())}

    async def user_info(call: Call) -> Json:
        return twin.oauth.who(call.query.get("code", ""))

    posts: dict[str, Act] = {
        "message/send": sending.send,
        "message/update_template_card": sending.update_template_card,
        "message/recall": sending.recall,
        "media/upload": uploads.upload,
        "batch/openuserid_to_userid": contacts.openuserid_to_userid,
    }
    gets: dict[str, Act] = {
        "media/get": uploads.get,
        "auth/getuserinfo": user_info,
        "agent/get": contacts.agent_get,
        "department/list": contacts.department_list,
        "department/simplelist": contacts.department_simplelist,
        "user/simplelist": contacts.user_simplelist,
        "user/get": contacts.user_get,
        "getcallbackip": contacts.callback_ip,
    }
    return [
        web.get("/cgi-bin/gettoken", gate.open("gettoken", get_token, token=False)),
        *(web.post(f"/cgi-bin/{api}", gate.open(api, act)) for api, act in posts.items()),
        *(web.get(f"/cgi-bin/{api}", gate.open(api, act)) for api, act in gets.items()),
    ]
