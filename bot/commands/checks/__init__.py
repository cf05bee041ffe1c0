"""What `doctor` looks at: one module for each part of the world, in the order in which things are mended."""

from bot.commands.checks import (
    calendar,
    configuration,
    database,
    desk,
    fonts,
    group_bot,
    official_account,
    outside,
    roster,
    wecom,
)
from bot.commands.checks.finding import Check

ALL: tuple[Check, ...] = (
    configuration.check,
    database.check,
    roster.check,
    calendar.check,
    wecom.check,
    group_bot.check,
    official_account.check,
    desk.check,
    fonts.check,
    outside.check,
)
