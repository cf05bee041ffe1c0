"""From the configuration to the rules that services follow."""

from pathlib import Path

from bot.config import Config
from bot.config.secret_key import ledger_key
from bot.config.values import span_of_day
from bot.rules.answering import WorkingTime
from bot.rules.reminding import Policy, Quiet
from bot.rules.workdays import Workdays
from bot.schedule.calendar import workdays
from bot.services.budgets import A_DAY_PER_ACCOUNT
from bot.services.desk import Desk, Neighbourhood, Topic
from bot.services.links import Links
from bot.services.roads import APP, BOT, Roads
from bot.services.settings import Files, Hook, Keeping, Publishing, Reminding, Settings
from bot.texts import Texts
from storage.file_folder import FileFolder


def settings_from(config: Config, secret: bytes) -> Settings:
    """`secret` signs the links to items."""
    reminders = config.reminders
    start, end = reminders.quiet_hours or (None, None)
    calendar = workdays(reminders.holidays)
    return Settings(
        texts=Texts(config.locale, config.zone),
        links=Links(config.public_url, secret, enabled=config.wecom is not None),
        roads=Roads(APP if config.wecom is not None else BOT, BOT if config.wecom_bot is not None else ""),
        reminding=Reminding(
            policy=Policy(tuple(reminders.after), tuple(reminders.before_due)),
            quiet=Quiet(start, end, config.zone),
            workdays=calendar if reminders.workdays_only else None,
            daily=reminders.daily_limit,
            weekly=reminders.weekly_limit,
        ),
        publishing=Publishing(
            undo_window=config.publishing.undo_window,
            code_above=config.publishing.code_above,
            trial=frozenset(user_id.casefold() for user_id in config.publishing.trial_members),
            day_budget=config.wecom.account_limit * A_DAY_PER_ACCOUNT if config.wecom is not None else 0,
            approval_above=config.publishing.approval_above,
        ),
        tiers=tuple(config.study.tiers),
        administrators=frozenset(user_id.casefold() for user_id in config.access.administrators),
        files=Files(FileFolder(config.files_dir), config.files.max_bytes),
        calendar=calendar,
        desk=_desk(config, calendar),
        hooks=tuple(Hook(hook.name, frozenset(hook.events)) for hook in config.webhooks),
        keeping=Keeping(
            config.keep_for.messages, config.keep_for.updates, config.keep_for.drafts, config.keep_for.accesses
        ),
        ledger_key=ledger_key(secret),
    )


def folders(config: Config) -> list[Path]:
    """The folders whose disks must not run full."""
    database = config.database.sqlite_path
    places = [config.files_dir, *([database.parent] if database is not None else [])]
    return sorted({place if place.exists() else place.parent for place in places})


def _desk(config: Config, calendar: Workdays) -> Desk:
    questions = config.questions
    return Desk(
        open=config.official_account is not None,
        nudges=config.official_account is not None and config.official_account.has_template,
        answer_within=questions.answer_within,
        working=WorkingTime(
            tuple(span_of_day(span) for span in questions.working_hours),
            calendar,
            config.zone,
        ),
        keep_for=questions.keep_for,
        close_after=questions.close_after,
        hourly_limit=questions.per_resident_hourly_limit,
        topics=tuple(Topic(topic.name, tuple(topic.keywords)) for topic in questions.topics),
        neighbourhoods=tuple(Neighbourhood(each.name, each.branch) for each in questions.neighbourhoods),
        report_words=tuple(questions.report_words),
        report_channel=questions.report_channel,
        advertising_words=tuple(questions.advertising_words),
    )
