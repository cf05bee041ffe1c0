"""Encrypted files: what goes in comes out, a wrong key is told from damage, and no change goes unseen."""

from pathlib import Path

import pytest

from storage.encryption import MAGIC, PIECE, Broken, WrongKey, decrypt, encrypt, is_encrypted

KEY, OTHER = b"a key for tests, long enough for it", b"another key for tests, as long as it"
HEAD = len(MAGIC) + 32


@pytest.mark.faults("PRV10")
@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_what_goes_in_comes_out(tmp_path: Path, size: int) -> None:
    plain, sealed, back = (tmp_path / name for name in ("plain", "sealed", "back"))
    content = (b"Wang Xiulan " * (size // 12 + 1))[:size]
    plain.write_bytes(content)
    encrypt(plain, sealed, KEY)
    assert is_encrypted(sealed)
    assert not is_encrypted(plain)
    assert b"Wang" not in sealed.read_bytes()
    decrypt(sealed, back, KEY)
    assert back.read_bytes() == content
    with pytest.raises(WrongKey):
        decrypt(sealed, back, OTHER)


@pytest.mark.faults("PRV10")
def test_no_change_goes_unseen(tmp_path: Path) -> None:
    plain, sealed, back = (tmp_path / name for name in ("plain", "sealed", "back"))
    plain.write_bytes(bytes(range(256)) * 4096 * 2 + b"the end")
    encrypt(plain, sealed, KEY)
    whole = sealed.read_bytes()
    piece = PIECE + 16
    first, second, last = whole[HEAD : HEAD + piece], whole[HEAD + piece : HEAD + 2 * piece], whole[HEAD + 2 * piece :]
    head = whole[:HEAD]
    for wrong in (
        head + first + second,
        head + first,
        head,
        head[:-1],
        head + second + first + last,
        head + first + second + last + last,
        head + first + second + last[:-1],
        head + first + second[:-1] + b"\0" + last,
        head[:-33] + bytes([head[-33] ^ 1]) + head[-32:] + first + second + last,
    ):
        sealed.write_bytes(wrong)
        with pytest.raises((Broken, WrongKey)):
            decrypt(sealed, back, KEY)
