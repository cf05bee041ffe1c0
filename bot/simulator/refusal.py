"""What the vendor answers when it does not do what it was asked."""

_WORDS = {
    -1: "system busy",
    40001: "invalid credential",
    40003: "invalid userid",
    40004: "invalid media type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40031: "invalid userid list",
    40032: "invalid userid list length",
    40033: "invalid request character",
    40035: "invalid parameter",
    40056: "invalid agentid",
    40057: "invalid parameter",
    40058: "invalid parameter",
    41001: "access_token missing",
    41006: "media_id missing",
    41011: "agentid missing",
    41016: "missing title",
    41033: "missing url",
    42001: "access_token expired",
    42014: "invalid task_id",
    42016: "task_id missing",
    42017: "button key missing",
    42018: "button key repeated",
    42019: "button key too long",
    42022: "code has been used",
    42027: "template card field error",
    42052: "message can not be recalled after 24 hours",
    43012: "callback url is required",
    44001: "empty media data",
    44004: "content is empty",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45008: "article count out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    45034: "url lacks a scheme",
    45035: "invalid url",
    48001: "api forbidden",
    48002: "api forbidden for this token",
    50001: "redirect_uri unauthorized",
    50003: "agent disabled",
    60003: "department not found",
    60020: "not allow to access from your ip, from ip: 203.0.113.7",
    60021: "user not in the visible range of the agent",
    60111: "userid not found",
    60140: "invalid response_code",
    81013: "user & party & tag all invalid",
    82001: "no recipient",
    82002: "too many parties",
    82003: "too many tags",
    93001: "bot not in group",
    93006: "invalid chatid",
    301002: "agentid does not belong to this token",
    846604: "req_id expired",
    846605: "invalid req_id",
    846606: "answered already",
    846607: "not allowed to send",
    846608: "stream is too old",
    846609: "not subscribed",
    846610: "unknown cmd",
    846611: "invalid upload_id",
    846612: "invalid chunk",
    846613: "chunk out of limit",
    846616: "chunks incomplete",
    846625: "invalid task_id",
    846697: "invalid file type",
    853000: "invalid bot_id or secret",
}


def words(code: int) -> str:
    """The vendor-like English words of a code."""
    return _WORDS.get(code, "error")


class Refusal(Exception):
    """An answer with an `errcode` other than 0. `hint` is added to the words, as the vendor does."""

    def __init__(self, code: int, hint: str = "", message: str = "") -> None:
        self.code = code
        self.message = message or (f"{words(code)}: {hint}" if hint else words(code))
        super().__init__(f"{code} {self.message}")
