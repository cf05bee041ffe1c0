"""Messages as the phones page reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.simulator.shown import Content, Json, Shown

if TYPE_CHECKING:
    from bot.simulator.groups import Group
    from bot.simulator.phones import Phone
    from bot.simulator.residents import ResidentPhone
    from bot.simulator.twin import Twin

MOST_MESSAGES = 100


def phone(twin: Twin, phone: Phone, role: str) -> Json:
    """One phone with its latest messages, newest last."""
    names = {"me": twin.directory.name(phone.userid), "app": twin.corp.app_name, "bot": twin.corp.bot_name}
    rows = [
        _message(twin, shown, shown.sender, names[shown.sender], shown.content, phone.userid)
        for shown in phone.messages[-MOST_MESSAGES:]
    ]
    return {"userid": phone.userid, "name": names["me"], "role": role, "messages": rows}


def resident(twin: Twin, phone: ResidentPhone, role: str) -> Json:
    """One resident's phone: the conversation with the official account, and the menu under it."""
    account = twin.account
    names = {"me": phone.name, "account": account.name, "vendor": account.name}
    rows = [
        _message(twin, shown, shown.sender, names[shown.sender], shown.content, phone.openid)
        for shown in phone.messages[-MOST_MESSAGES:]
    ]
    menu = account.menu["button"] if account.menu is not None and phone.follows else []
    return {
        "userid": phone.openid,
        "name": phone.name,
        "role": role,
        "account": account.name,
        "menu": menu,
        "messages": rows,
    }


def group(twin: Twin, group: Group, viewer: str = "") -> Json:
    """The group as `viewer` sees it ("": as everybody does); members' own words have the sender `other`."""
    rows = []
    for shown in group.messages[-MOST_MESSAGES:]:
        is_bot = shown.sender == "bot"
        name = twin.corp.bot_name if is_bot else twin.directory.name(shown.userid)
        rows.append(_message(twin, shown, "bot" if is_bot else "other", name, shown.content_for(viewer), viewer))
    return {"id": group.chat_id, "name": group.name, "messages": rows}


def _message(twin: Twin, shown: Shown, sender: str, name: str, content: Content, userid: str) -> Json:
    card: Json = content.card or {}
    title, subtitle, body = _parts(content, card)
    return {
        "id": shown.id,
        "sender": sender,
        "sender_name": name,
        "kind": content.kind,
        "file": f"page/media/{content.media_id}" if content.media_id else "",
        "text": content.markup or content.text,
        "title": title,
        "subtitle": subtitle,
        "body": body,
        "source": _part(card, "source", "desc"),
        "fields": [[row.get("keyname", ""), row.get("value", "")] for row in card.get("horizontal_content_list") or []],
        "buttons": [
            {
                "text": button.text,
                "key": button.key,
                "url": button.url,
                "enabled": button.enabled,
                "primary": button.primary,
            }
            for button in shown.buttons_for(userid)
        ],
        "links": [{"text": label, "url": url} for label, url in content.links],
        "url": content.url,
        "at": shown.at.isoformat(),
        "recalled": shown.recalled,
    }


def _parts(content: Content, card: Json) -> tuple[str, str, str]:
    """Title, subtitle and body, as far as the kind has them."""
    if content.kind == "card":
        words = [str(card.get("sub_title_text") or ""), _part(card, "quote_area", "quote_text")]
        title, subtitle = _part(card, "main_title", "title"), _part(card, "main_title", "desc")
        return title, subtitle, "\n".join(part for part in words if part)
    if content.kind in ("textcard", "news"):
        heading, _, rest = content.text.partition("\n")
        return heading, "", rest
    return "", "", ""


def _part(card: Json, part: str, name: str) -> str:
    value: Any = (card.get(part) or {}).get(name)
    return str(value or "")
