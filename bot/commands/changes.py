"""What an import changed, for the person who ran it."""

from collections.abc import Sequence

from bot.commands.terminal import Terminal
from bot.roster.problems import Problem
from bot.roster.rows import Roster
from bot.services.roster_changes import Changes, Difference, Person
from bot.texts import Texts


def show_problems(terminal: Terminal, problems: Sequence[Problem]) -> None:
    """Every bad row with its reason, on stderr."""
    for found in problems:
        terminal.complain(terminal.texts.say(found.key, **found.params))
    terminal.complain(terminal.texts.say("cli.members.refused", count=len(problems)))


def show_left_out(terminal: Terminal, roster: Roster) -> None:
    """Columns and lines of the file that were ignored."""
    if roster.ignored_columns:
        terminal.say("cli.members.ignored", columns=terminal.texts.list(list(roster.ignored_columns)))
    for note in roster.notes:
        terminal.say(note.key, **note.params)


def show_changes(terminal: Terminal, changes: Changes, *, dry_run: bool) -> None:
    """New, changed and missing people by name, then the counts."""
    texts = terminal.texts
    heads = [texts.say(f"cli.members.head.{name}") for name in ("name", "account", "branch")]
    if changes.added:
        terminal.table(texts.say("cli.members.added", count=len(changes.added)), heads, _people(changes.added))
    if changes.changed:
        rows = [
            [one.person.name, one.person.user_id, "; ".join(_difference(texts, each) for each in one.differences)]
            for one in changes.changed
        ]
        head = [*heads[:2], texts.say("cli.members.head.change")]
        terminal.table(texts.say("cli.members.changed", count=len(changes.changed)), head, rows)
    if changes.missing:
        terminal.table(texts.say("cli.members.missing", count=len(changes.missing)), heads, _people(changes.missing))
    if changes.branches_added:
        terminal.say("cli.members.branches", names=texts.list(list(changes.branches_added)))
    for move in changes.branches_moved:
        terminal.say("cli.members.moved", before=move.before, after=move.after)
    if changes.nothing:
        terminal.say("cli.members.nothing", count=changes.unchanged)
        return
    terminal.say(
        "cli.members.rehearsed" if dry_run else "cli.members.done",
        added=len(changes.added),
        changed=len(changes.changed),
        unchanged=changes.unchanged,
        missing=len(changes.missing),
    )


def _people(people: Sequence[Person]) -> list[list[str]]:
    return [[one.name, one.user_id, one.branch] for one in people]


def _difference(texts: Texts, found: Difference) -> str:
    nothing = texts.say("cli.members.blank")
    before, after = found.before or nothing, found.after or nothing
    if found.field == "status":
        return texts.say("cli.members.returned")
    return texts.say(
        "cli.members.difference", field=texts.say(f"roster.field.{found.field}"), before=before, after=after
    )
