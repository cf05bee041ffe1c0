"""The frames of the long connection: JSON texts `{"cmd", "headers": {"req_id"}, "body"}`; acks carry no cmd."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from pydantic import SecretStr

from bot.platforms.limits import clean

SUBSCRIBE = "aibot_subscribe"
PING = "ping"
MESSAGE = "aibot_msg_callback"
EVENT = "aibot_event_callback"
SEND = "aibot_send_msg"
RESPOND = "aibot_respond_msg"
WELCOME = "aibot_respond_welcome_msg"
UPDATE_CARD = "aibot_respond_update_msg"
UPLOAD_INIT = "aibot_upload_media_init"
UPLOAD_CHUNK = "aibot_upload_media_chunk"
UPLOAD_FINISH = "aibot_upload_media_finish"


class UnreadableFrame(ValueError):
    """A text that is no frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame from the platform; `cmd` is "" in an ack, `code` None where the platform named none."""

    cmd: str
    req_id: str
    body: dict[str, Any] = field(default_factory=dict)
    code: int | None = None
    hint: str = ""
    """The platform's words beside a code."""

    @property
    def event_type(self) -> str:
        """Which event it tells of; "" when it is a message or an ack."""
        event = self.body.get("event")
        name = event.get("eventtype") if isinstance(event, dict) else None
        return name if isinstance(name, str) else ""


def read(text: str) -> Frame:
    """The frame in `text`, cleaned of control characters. Raises UnreadableFrame."""
    try:
        data = _clean(json.loads(text))
    except (ValueError, RecursionError):
        raise UnreadableFrame("no JSON") from None
    if not isinstance(data, dict):
        raise UnreadableFrame("no object")
    headers, body, cmd = data.get("headers"), data.get("body"), data.get("cmd")
    req_id = headers.get("req_id") if isinstance(headers, dict) else None
    code = data.get("errcode")
    return Frame(
        cmd=cmd if isinstance(cmd, str) else "",
        req_id=req_id if isinstance(req_id, str) else "",
        body=body if isinstance(body, dict) else {},
        code=code if _is_int(code) else None,
        hint=str(data.get("errmsg") or ""),
    )


def build(cmd: str, req_id: str, body: dict[str, Any] | None = None) -> str:
    """The text of a frame that we send."""
    frame: dict[str, Any] = {"cmd": cmd, "headers": {"req_id": req_id}}
    if body is not None:
        frame["body"] = body
    return dump(frame).decode()


def credentials(bot_id: str, secret: SecretStr) -> dict[str, Any]:
    """The body of the subscription; the only place where the secret is written out."""
    return {"bot_id": bot_id, "secret": secret.get_secret_value()}


def dump(data: dict[str, Any]) -> bytes:
    """JSON as UTF-8, characters unescaped, lone surrogates dropped."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "ignore")


def new_req_id(cmd: str) -> str:
    """A request id of our own."""
    return f"{cmd}_{uuid.uuid4().hex}"


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): _clean(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return value
