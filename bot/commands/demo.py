"""`branchbot demo`: everything on this machine, without an account or a network."""

import asyncio
import logging
import sys

from bot.commands.language import early_texts


def run(port: int) -> None:
    """Serves until Ctrl-C and says where to look."""
    from bot import demo, log

    texts = early_texts()
    log.configure(json=False, level=logging.ERROR)

    def tell(address: str) -> None:
        print(texts.say("cli.demo.ready", address=address), flush=True)

    try:
        asyncio.run(demo.run(port, texts.locale, tell))
    except KeyboardInterrupt:
        print(texts.say("cli.demo.ended"))
    except OSError:
        print(texts.say("cli.demo.port_taken", port=port, other=port + 1), file=sys.stderr)
        raise SystemExit(2) from None
