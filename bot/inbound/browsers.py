"""What a browser keeps for us: who it belongs to, and a login that is under way. Both are signed cookies."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web
from itsdangerous import BadData, URLSafeSerializer

from bot.clock import Clock

SESSION_LIFETIME = timedelta(days=30)
LOGIN_LIFETIME = timedelta(minutes=5)

_STATE = re.compile(r"[0-9A-Za-z]{32,128}")
_STATE_IN_NAME = 16
"""How much of a state stands in its cookie's name, so that two logins of one browser do not meet."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whom a browser belongs to. `form_token` goes with every POST of this session."""

    user_id: str
    form_token: str


@dataclass(frozen=True, slots=True)
class Login:
    """A login under way: `target` is the item token it leads to, `tries` how often it was started anew."""

    state: str
    target: str
    tries: int
    used: bool


class Browsers:
    """Makes and reads the cookies. `secure`: the public address is https, so cookies are bound to the host."""

    def __init__(self, secret: bytes, clock: Clock, *, secure: bool) -> None:
        self._clock = clock
        self._secure = secure
        self._name = "__Host-branchbot" if secure else "branchbot"
        key = hmac.digest(secret, b"browser", hashlib.sha256)
        self._form_key = hmac.digest(secret, b"browser form", hashlib.sha256)
        signer = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        self._sessions = URLSafeSerializer(key, salt=b"session", signer_kwargs=signer)
        self._logins = URLSafeSerializer(key, salt=b"login", signer_kwargs=signer)

    def viewer(self, request: web.Request) -> Viewer | None:
        """Who is there; None without a session, with one that is over or not ours."""
        fields = self._read(self._sessions, request.cookies.get(self._name), 2)
        if fields is None:
            return None
        user_id, session = fields
        if not isinstance(user_id, str) or not isinstance(session, str):
            return None
        return Viewer(user_id, hmac.digest(self._form_key, session.encode(), hashlib.sha256).hex()[:40])

    def remember(self, response: web.Response, user_id: str) -> None:
        """A new session for this person."""
        fields = [user_id, secrets.token_urlsafe(16)]
        self._write(response, self._name, self._sessions, fields, SESSION_LIFETIME)

    def login(self, request: web.Request, state: str) -> Login | None:
        """The login that this browser began with `state`; None when it did not, or too long ago."""
        if not _STATE.fullmatch(state):
            return None
        fields = self._read(self._logins, request.cookies.get(self._login_name(state)), 4)
        if fields is None:
            return None
        began_with, target, tries, used = fields
        if not (isinstance(began_with, str) and isinstance(target, str) and isinstance(tries, int)):
            return None
        if not hmac.compare_digest(began_with, state):
            return None
        return Login(state, target, tries, bool(used))

    @staticmethod
    def new_state() -> str:
        """What a login is called on its way: 128 bits in letters and digits."""
        return secrets.token_hex(16)

    def keep_login(self, response: web.Response, login: Login) -> None:
        """Binds a login to this browser for the next five minutes.

        A used one is kept too: going back in the browser's history leads on to its target and not to an error.
        """
        fields = [login.state, login.target, login.tries, login.used]
        self._write(response, self._login_name(login.state), self._logins, fields, LOGIN_LIFETIME)

    def _login_name(self, state: str) -> str:
        return f"{self._name}-{state[:_STATE_IN_NAME]}"

    def _read(self, serializer: URLSafeSerializer, value: str | None, length: int) -> list[object] | None:
        if not value:
            return None
        try:
            found = serializer.loads(value)
        except BadData:
            return None
        if not isinstance(found, list) or len(found) != length + 1 or not isinstance(found[-1], int):
            return None
        return found[:-1] if found[-1] > self._clock.now().timestamp() else None

    def _write(
        self,
        response: web.Response,
        name: str,
        serializer: URLSafeSerializer,
        fields: Sequence[object],
        lifetime: timedelta,
    ) -> None:
        until = int((self._clock.now() + lifetime).timestamp())
        value = serializer.dumps([*fields, until])
        response.set_cookie(
            name,
            value if isinstance(value, str) else value.decode(),
            max_age=int(lifetime.total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )
