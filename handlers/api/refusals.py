"""Why a request is not answered with success, and how that is said."""

from http import HTTPStatus

from bot.errors import BranchbotError

NAMES = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "unprocessable",
    HTTPStatus.REQUEST_TIMEOUT: "too_slow",
    HTTPStatus.TOO_MANY_REQUESTS: "too_many",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal_error",
}
"""Status → the code in the answer, and the text `api.<code>` where nothing closer is known."""


class Refused(BranchbotError):
    """The request cannot be done as it is; `key` is a text of the catalogues."""

    def __init__(self, status: HTTPStatus, key: str = "", *, code: str = "", **params: object) -> None:
        self.status = status
        self.key = key or f"api.{NAMES[status]}"
        self.code = code or NAMES[status]
        self.params = params
        super().__init__(self.key)
