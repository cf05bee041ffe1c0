"""Where a command's words go: plain lines, and more where a person looks at a terminal."""

import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bot.texts import Texts


class Terminal:
    """Results go to stdout, complaints and progress to stderr."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    def say(self, key: str, **params: object) -> None:
        """A sentence of the catalogues."""
        self.line(self.texts.say(key, **params))

    def line(self, words: str) -> None:
        """A finished line, written out at once."""
        print(_printable(words), flush=True)

    def complain(self, words: str) -> None:
        """A finished line to stderr."""
        print(_printable(words), file=sys.stderr, flush=True)

    def table(self, title: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table on a terminal; elsewhere the title and one line for each row, its cells parted by tabs."""
        if not sys.stdout.isatty():
            self.line(title)
            for row in rows:
                self.line("\t".join(row))
            return
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
        for header in headers:
            table.add_column(Text(header), overflow="fold")
        for row in rows:
            table.add_row(*(Text(_printable(cell)) for cell in row))
        Console().print(table)

    @contextmanager
    def progress(self, steps: Sequence[str]) -> Iterator[Callable[[], None]]:
        """A bar over the named steps where stderr is a terminal; what is yielded is called when a step is done."""
        if not sys.stderr.isatty():
            yield lambda: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(self.texts.say(steps[0]), total=len(steps))
            names = iter(steps[1:])

            def advance() -> None:
                bar.update(task, advance=1, description=self.texts.say(next(names, steps[-1])))

            yield advance


def _printable(words: str) -> str:
    """Without control characters: a name out of a file cannot speak to the terminal."""
    return "".join(c for c in words if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp"))
