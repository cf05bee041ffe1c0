"""The tables of `config.toml`. A module receives its own section, never the whole."""

import base64
import hashlib
from contextlib import suppress
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.config.values import (
    AesKey,
    BearerToken,
    CallbackToken,
    DatabaseUrl,
    Duration,
    Filled,
    Holiday,
    HttpBase,
    Label,
    LongSecret,
    Network,
    QuietHours,
    SecretUrl,
    TimeOfDay,
    WebhookSecret,
    Words,
    WorkingHours,
    WsBase,
    Zone,
)


class Section(BaseModel):
    """One table of the file: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class ServerConfig(Section):
    host: Words = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    trusted_proxies: list[Network] = []


class DatabaseConfig(Section):
    url: DatabaseUrl = "sqlite+aiosqlite:///branchbot.db"

    @property
    def sqlite_path(self) -> Path | None:
        """The database's file; None on PostgreSQL."""
        prefix = "sqlite+aiosqlite:///"
        return Path(self.url.removeprefix(prefix)) if self.url.startswith(prefix) else None


class BackupConfig(Section):
    """A backup a day into a folder, kept for so long."""

    dir: Path
    at: TimeOfDay = time(3, 30)
    keep_for: Duration = timedelta(days=35)
    key_file: Path | None = None


class KeepForConfig(Section):
    """How long what is personal stays; questions have a time of their own."""

    messages: Duration = timedelta(days=180)
    updates: Duration = timedelta(days=180)
    drafts: Duration = timedelta(days=90)
    accesses: Duration = timedelta(days=1095)


class FilesConfig(Section):
    dir: Path = Path("files")
    max_bytes: Annotated[int, Field(ge=1024, le=100 * 1024 * 1024)] = 20 * 1024 * 1024


class AccessConfig(Section):
    administrators: list[Words] = []


class PublishingConfig(Section):
    undo_window: Duration = timedelta(minutes=2)
    code_above: Annotated[int, Field(ge=0)] = 200
    approval_above: Annotated[int, Field(ge=0)] = 0
    trial_members: list[Words] = []


class WeComConfig(Section):
    corp_id: Words
    agent_id: Annotated[int, Field(ge=1)]
    secret: Filled
    token: CallbackToken
    encoding_aes_key: AesKey
    account_limit: Annotated[int, Field(ge=0)] = 0
    api_base: HttpBase = "https://qyapi.weixin.qq.com"
    oauth_base: HttpBase = "https://open.weixin.qq.com"


class WeComBotConfig(Section):
    bot_id: Words
    secret: Filled
    ws_url: WsBase = "wss://openws.work.weixin.qq.com"


class MenuItemConfig(Section):
    """One entry of the account's menu: it says words as if they had been written, or opens a page."""

    name: Words
    says: str = ""
    url: str = ""


class MenuConfig(MenuItemConfig):
    """An entry at the bottom; with `items` it only opens the list of them."""

    items: list[MenuItemConfig] = []


class OfficialAccountConfig(Section):
    app_id: Words
    secret: Filled
    token: CallbackToken
    encoding_aes_key: AesKey | None = None
    allow_plain: bool = False
    template_id: str = ""
    subscribe_template_id: str = ""
    template_fields: dict[str, str] = {}
    menu: list[MenuConfig] = [
        MenuConfig(name="怎么提问", says="帮助"),
        MenuConfig(name="查询进度", says="查询"),
        MenuConfig(
            name="更多",
            items=[
                MenuItemConfig(name="常见问题", says="常见问题"),
                MenuItemConfig(name="我的提问", says="我的"),
                MenuItemConfig(name="找人工", says="人工"),
            ],
        ),
    ]
    api_base: HttpBase = "https://api.weixin.qq.com"
    oauth_base: HttpBase = "https://open.weixin.qq.com"

    @property
    def has_template(self) -> bool:
        """Whether something can be said when the account may not write."""
        return bool(self.template_id or self.subscribe_template_id)


class RemindersConfig(Section):
    after: list[Duration] = [timedelta(hours=24), timedelta(hours=48)]
    before_due: list[Duration] = [timedelta(hours=24), timedelta(hours=2)]
    quiet_hours: QuietHours = [time(22), time(8)]
    workdays_only: bool = False
    holidays: list[Holiday] = []
    daily_limit: Annotated[int, Field(ge=0)] = 1
    weekly_limit: Annotated[int, Field(ge=0)] = 3


class TopicConfig(Section):
    name: Label
    keywords: list[Words] = []


class NeighbourhoodConfig(Section):
    name: Words
    branch: Words


class QuestionsConfig(Section):
    answer_within: Duration = timedelta(hours=24)
    working_hours: WorkingHours = []
    keep_for: Duration = timedelta(days=365)
    close_after: Duration = timedelta(days=7)
    per_resident_hourly_limit: Annotated[int, Field(ge=1)] = 10
    report_words: list[Words] = ["举报", "检举", "控告", "揭发"]
    report_channel: str = ""
    advertising_words: list[Words] = ["加微信", "加v", "代开发票", "贷款", "兼职日结", "刷单", "博彩", "私彩"]
    topics: list[TopicConfig] = []
    neighbourhoods: list[NeighbourhoodConfig] = []


class StudyConfig(Section):
    tiers: list[Words] = ["积极分子", "发展对象", "预备", "正式", "骨干"]


class ApiTokenConfig(Section):
    name: Words
    token: BearerToken
    scope: Literal["read", "write"] = "read"


class ApiConfig(Section):
    per_minute: Annotated[int, Field(ge=1)] = 600
    tokens: list[ApiTokenConfig] = []


class WebhookConfig(Section):
    """An address that hears what happens."""

    url: HttpBase
    secret: WebhookSecret
    events: Annotated[list[Literal["item.published", "item.closed", "receipt.recorded"]], Field(min_length=1)] = [
        "item.published",
        "item.closed",
        "receipt.recorded",
    ]

    @property
    def name(self) -> str:
        """What stands for the address where addresses may not stand."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]

    @property
    def host(self) -> str:
        """Whom it belongs to."""
        return urlsplit(self.url).hostname or ""

    @property
    def key(self) -> bytes:
        """What requests are signed with."""
        return base64.b64decode(self.secret.get_secret_value().removeprefix("whsec_"))


class WatchingConfig(Section):
    """`heartbeat_url` is asked for once a minute, as long as all is well: whoever waits for it notices a silence."""

    heartbeat_url: SecretUrl = SecretStr("")


class Config(Section):
    """The whole configuration. A platform's section that is absent switches that platform off."""

    locale: Literal["zh_CN", "en"] = "zh_CN"
    timezone: Zone = "Asia/Shanghai"
    secret_key: LongSecret | None = None
    public_url: HttpBase = "http://127.0.0.1:8080"
    server: ServerConfig = ServerConfig()
    database: DatabaseConfig = DatabaseConfig()
    backup: BackupConfig | None = None
    keep_for: KeepForConfig = KeepForConfig()
    files: FilesConfig = FilesConfig()
    access: AccessConfig = AccessConfig()
    publishing: PublishingConfig = PublishingConfig()
    wecom: WeComConfig | None = None
    wecom_bot: WeComBotConfig | None = None
    official_account: OfficialAccountConfig | None = None
    reminders: RemindersConfig = RemindersConfig()
    questions: QuestionsConfig = QuestionsConfig()
    study: StudyConfig = StudyConfig()
    api: ApiConfig = ApiConfig()
    webhooks: list[WebhookConfig] = []
    watching: WatchingConfig = WatchingConfig()

    @property
    def zone(self) -> ZoneInfo:
        """The branch's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def files_dir(self) -> Path:
        """The folder of files; a relative one lies beside the SQLite database."""
        database = self.database.sqlite_path
        return database.parent / self.files.dir if database is not None else self.files.dir

    @property
    def backup_dir(self) -> Path | None:
        """The folder of the daily backups; a relative one lies beside the SQLite database."""
        if self.backup is None:
            return None
        database = self.database.sqlite_path
        return database.parent / self.backup.dir if database is not None else self.backup.dir

    @property
    def backup_key_file(self) -> Path | None:
        """What backups are encrypted with; a relative one lies beside the SQLite database."""
        if self.backup is None or self.backup.key_file is None:
            return None
        database = self.database.sqlite_path
        return database.parent / self.backup.key_file if database is not None else self.backup.key_file

    def identity(self) -> dict[str, str]:
        """What the installation runs on: a database that comes from elsewhere must not send at once."""
        machine = ""
        if self.database.sqlite_path is not None:
            with suppress(OSError):
                machine = Path("/etc/machine-id").read_text(encoding="ascii").strip()
        return {
            "machine": machine,
            "wecom": f"{self.wecom.corp_id}:{self.wecom.agent_id}" if self.wecom is not None else "",
            "bot": self.wecom_bot.bot_id if self.wecom_bot is not None else "",
            "account": self.official_account.app_id if self.official_account is not None else "",
        }

    def beside(self, name: str) -> Path:
        """A file that belongs to the database and lies outside of it: `branchbot.db.<name>`.

        With PostgreSQL it lies in the folder of files, under a name of its own for each database.
        """
        path = self.database.sqlite_path
        if path is not None:
            return path.with_name(f"{path.name}.{name}")
        return self.files_dir / f"{hashlib.sha256(self.database.url.encode()).hexdigest()[:12]}.{name}"

    def secrets(self) -> list[tuple[str, SecretStr]]:
        """Every secret that is set, with its key."""
        found = []
        for name, section in (
            ("wecom", self.wecom),
            ("wecom_bot", self.wecom_bot),
            ("official_account", self.official_account),
        ):
            for key, value in section or ():
                if isinstance(value, SecretStr):
                    found.append((f"{name}.{key}", value))
        if self.watching.heartbeat_url.get_secret_value():
            found.append(("watching.heartbeat_url", self.watching.heartbeat_url))
        if self.secret_key is not None:
            found.append(("secret_key", self.secret_key))
        found.extend((f"webhooks.{place}.secret", hook.secret) for place, hook in enumerate(self.webhooks))
        found.extend((f"api.tokens.{token.name}.token", token.token) for token in self.api.tokens)
        return found
