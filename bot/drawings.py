"""Drawing a poster: a QR code with a headline and a few lines, as a PNG. Slow, so it belongs into a thread.

The drawing libraries are loaded by the first poster: nothing else needs them.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 1240, 1754
"""A5 at 210 dots per inch: sharp on paper, small enough for a chat."""
MARGIN, CODE_TOP, CODE_SIZE = 90, 420, 900
HEADLINE, LINE = 96, 52
SMALLEST = 28
INK, RED, PAPER = "#1f1f1f", "#c0281e", "#ffffff"
FONTS = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc", 2),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc", 2),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
)
"""Fonts with Chinese characters, the best first, and which of the faces in the file is the simplified one."""

DEBIAN_PACKAGE = "fonts-noto-cjk"
"""What brings the first of them on Debian and Ubuntu."""


def font_file() -> tuple[Path, int] | None:
    """A font that has Chinese characters, and its face; None where this machine has none that we know of."""
    return next(((Path(path), face) for path, face in FONTS if Path(path).is_file()), None)


def poster(url: str, headline: str, lines: Sequence[str]) -> bytes:
    """The PNG. Where the machine has no Chinese font it is the code alone: boxes in place of words help nobody."""
    import segno
    from PIL import Image, ImageDraw

    code = segno.make_qr(url, error="m")
    raw = BytesIO()
    code.save(raw, kind="png", scale=max(1, CODE_SIZE // code.symbol_size()[0]), border=4)
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    with Image.open(raw) as drawn:
        square = drawn.convert("RGB")
        image.paste(square, ((WIDTH - square.width) // 2, CODE_TOP + (CODE_SIZE - square.height) // 2))
    if (font := font_file()) is not None:
        draw = ImageDraw.Draw(image)
        _centred(draw, font, headline, HEADLINE, 200, RED)
        for number, line in enumerate(lines):
            _centred(draw, font, line, LINE, CODE_TOP + CODE_SIZE + 90 + number * 90, INK)
    done = BytesIO()
    image.save(done, "PNG", optimize=True)
    return done.getvalue()


def _centred(draw: "ImageDraw", font: tuple[Path, int], words: str, size: int, top: int, colour: str) -> None:
    """One line in the middle, as large as it fits."""
    fitted = _fitting(draw, font, words, size)
    width = draw.textlength(words, font=fitted)
    draw.text(((WIDTH - width) / 2, top), words, font=fitted, fill=colour)


def _fitting(draw: "ImageDraw", font: tuple[Path, int], words: str, size: int) -> "FreeTypeFont":
    from PIL import ImageFont

    while True:
        made = ImageFont.truetype(str(font[0]), size, index=font[1])
        if size <= SMALLEST or draw.textlength(words, font=made) <= WIDTH - 2 * MARGIN:
            return made
        size -= 4
