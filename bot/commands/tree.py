"""Which commands there are. Nothing here is slow: `--help` has to be there at once."""

from collections.abc import Callable
from typing import Any

import typer

from bot.commands import account, backup, copy, db, doctor, members, persons, resume, run
from bot.commands.language import early_texts
from bot.commands.options import ConfigFile, Version
from bot.texts import Texts


def build() -> Any:
    """The whole tree as a callable command, its help in the language of the terminal."""
    app = _app("cli.help.branchbot")
    app.callback()(_root)
    app.command("run", help="cli.help.run")(run.run)
    app.command("demo", help="cli.help.demo")(_demo)
    app.command("doctor", help="cli.help.doctor")(doctor.doctor)
    app.command("resume", help="cli.help.resume")(resume.resume)

    roster = _app("cli.help.members")
    roster.command("import", help="cli.help.members_import")(members.import_file)
    roster.command("sync", help="cli.help.members_sync")(members.sync)
    app.add_typer(roster, name="members")

    official = _app("cli.help.account")
    official.command("menu", help="cli.help.account_menu")(account.menu)
    official.command("codes", help="cli.help.account_codes")(account.codes)
    app.add_typer(official, name="account")

    forget = _app("cli.help.forget")
    forget.command("member", help="cli.help.forget_member")(persons.forget_member)
    forget.command("resident", help="cli.help.forget_resident")(persons.forget_resident)
    app.add_typer(forget, name="forget")

    person = _app("cli.help.person")
    person.command("member", help="cli.help.person_member")(persons.export_member)
    person.command("resident", help="cli.help.person_resident")(persons.export_resident)
    app.add_typer(person, name="person")
    app.command("breach", help="cli.help.breach")(persons.breach)

    database = _app("cli.help.db")
    database.command("upgrade", help="cli.help.db_upgrade")(db.upgrade)
    database.command("backup", help="cli.help.db_backup")(backup.backup)
    database.command("restore", help="cli.help.db_restore")(backup.restore)
    database.command("copy", help="cli.help.db_copy")(copy.copy)
    database.command("check", help="cli.help.db_check")(db.check)
    app.add_typer(database, name="db")

    command = typer.main.get_command(app)
    _translate(command, early_texts())
    return command


def _app(help_key: str) -> typer.Typer:
    return typer.Typer(
        help=help_key,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["--help", "-h"]},
    )


def _root(context: typer.Context, config: ConfigFile = None, version: Version = False) -> None:
    """`--config` may stand before the command too."""
    context.obj = config


def _demo(
    port: int = typer.Option(8080, "--port", min=1, max=65535, help="cli.help.option.port"),
) -> None:
    from bot.commands import demo

    demo.run(port=port)


def _translate(command: Any, texts: Texts) -> None:
    """Puts sentences where the definitions have keys."""
    if command.help and texts.has(command.help):
        command.help = texts.say(command.help)
    for parameter in command.params:
        words = getattr(parameter, "help", None)
        if words and texts.has(words):
            parameter.help = texts.say(words)
    command.get_help_option = _explained(command.get_help_option, texts.say("cli.help.option.help"))
    for below in getattr(command, "commands", {}).values():
        _translate(below, texts)


def _explained(help_option: Callable[[Any], Any], words: str) -> Callable[[Any], Any]:
    """The option `--help` is made when somebody asks for it, with words of its own."""

    def explained(context: Any) -> Any:
        option = help_option(context)
        if option is not None:
            option.help = words
        return option

    return explained
