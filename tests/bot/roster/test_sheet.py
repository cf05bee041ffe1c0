"""Files to tables: what is recognised, what is left out, what is refused."""

import contextlib
import datetime
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.errors import UserError
from bot.roster.sheet import read_table

HEADER = ["姓名", "账号", "支部"]
TEXT = "姓名,账号,支部,手机\n张三,zhangsan,第一支部,13800138000\n"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

Write = Callable[..., Path]


def refused(path: Path) -> str:
    started = time.process_time()
    with pytest.raises(UserError) as caught:
        read_table(path)
    assert time.process_time() - started < 1
    assert caught.value.key.startswith("roster.problem.")
    return caught.value.key.removeprefix("roster.problem.")


@pytest.mark.faults("IMP1")
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le+bom", "utf-16-be+bom", "gb18030", "gbk"]
)
def test_encodings(csv: Write, encoding: str) -> None:
    name, _, bom = encoding.partition("+")
    content = ("\ufeff" if bom else "") + TEXT
    table = read_table(csv(content.encode(name)))
    assert table.header == ["姓名", "账号", "支部", "手机"]
    assert table.rows == [(2, ["张三", "zhangsan", "第一支部", "13800138000"])]


@pytest.mark.faults("IMP1")
@pytest.mark.parametrize("content", [b"\xff\xff\xff,\xfe", TEXT.encode("utf-16-le"), b"\xef\xbb\xbf\xff"])
def test_other_encodings_are_refused(csv: Write, content: bytes) -> None:
    assert refused(csv(content)) == "encoding"


@pytest.mark.faults("IMP15")
def test_rare_characters_survive_gb18030(csv: Write) -> None:
    table = read_table(csv("姓名,账号,支部\n𠮷田·㛃,a1,第一支部\n", "gb18030"))
    assert table.rows[0][1][0] == "𠮷田·㛃"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(csv: Write, delimiter: str) -> None:
    table = read_table(csv(TEXT.replace(",", delimiter)))
    assert table.rows == [(2, ["张三", "zhangsan", "第一支部", "13800138000"])]


def test_quotes_may_hold_delimiters_and_line_breaks(csv: Write) -> None:
    table = read_table(csv('姓名,账号,支部,备注\r\n"张,三",a,一,"两\n行"\r\n李四,b,二,\r\n'))
    assert [(number, cells[0]) for number, cells in table.rows] == [(2, "张,三"), (3, "李四")]


def test_an_open_quote_is_refused_by_row(csv: Write) -> None:
    path = csv('姓名,账号,支部\n张三,a,一\n"李四,b,二\n王五,c,三\n')
    with pytest.raises(UserError) as caught:
        read_table(path)
    assert (caught.value.key, caught.value.params) == ("roster.problem.quotes", {"row": 3})


@pytest.mark.faults("IMP5")
@pytest.mark.parametrize("cell", ["=1+1", "+8613800138000", "-x", "@all", '=HYPERLINK("http://a.example")'])
def test_cells_that_look_like_formulas_stay_text(csv: Write, tmp_path: Path, cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    assert read_table(csv(f"姓名,账号,支部\n{quoted},a,一\n")).rows[0][1][0] == cell
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    sheet.append(["", "a", "一"])
    sheet["A2"].value = cell
    sheet["A2"].data_type = "s"
    book.save(tmp_path / "text.xlsx")
    table = read_table(tmp_path / "text.xlsx")
    assert table.rows[0][1][0] == cell
    assert table.flaws == {}


@pytest.mark.faults("IMP5")
@pytest.mark.parametrize("cell", ["\t13800138000", "\r13800138000", "\u202d13800138000\u202c", "　13800138000 "])
def test_blanks_around_a_cell_do_not_count(csv: Write, cell: str) -> None:
    assert read_table(csv(f'姓名,账号,支部,手机\n张三,a,一,"{cell}"\n')).rows[0][1][3] == "13800138000"


@pytest.mark.faults("IMP2")
def test_numbers_in_cells(xlsx: Write) -> None:
    table = read_table(
        xlsx(
            [
                [*HEADER, "手机"],
                ["甲", 123, "一", 13800138000],
                ["乙", "b", "一", 13800138000.5],
                ["丙", "c", "一", 1.10101199001011e17],
                ["丁", 1234567890123456, "一", None],
                ["戊", "e", "一", "1.38E+10"],
                ["己", True, datetime.date(2026, 1, 2), None],
            ]
        )
    )
    assert table.rows[0][1] == ["甲", "123", "一", "13800138000"]
    assert {(row, at): flaw.name for row, flaws in table.flaws.items() for at, flaw in flaws.items()} == {
        (3, 3): "number",
        (4, 3): "number",
        (5, 1): "number",
        (6, 3): "number",
        (7, 2): "date",
    }


@pytest.mark.faults("IMP2")
def test_leading_zeros_that_are_only_shown(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    sheet.append(["甲", 42, "一"])
    sheet["B2"].number_format = "00000"
    book.save(tmp_path / "zeros.xlsx")
    assert read_table(tmp_path / "zeros.xlsx").flaws[2][1].name == "number"


@pytest.mark.faults("IMP2")
def test_shortened_numbers_in_a_text_file(csv: Write) -> None:
    table = read_table(csv("姓名,账号,支部,手机\n甲,1E5,一,1.38E+10\n乙,b,一,+8613800138000\n"))
    assert {row: list(flaws) for row, flaws in table.flaws.items()} == {2: [3]}


@pytest.mark.faults("IMP6")
def test_formulas_give_their_stored_value_or_a_flaw(xlsx: Write, rezip: Write) -> None:
    sheet = f"""<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}"><sheetData>
    <row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c><c r="B1" t="inlineStr"><is><t>账号</t></is></c>
    <c r="C1" t="inlineStr"><is><t>支部</t></is></c></row>
    <row r="3"><c r="A3" t="str"><f>D3</f><v>张三</v></c><c r="B3"><f>E3</f><v></v></c>
    <c r="C3" t="str"><f>""</f><v></v></c></row>
    <row><c><f>A3</f></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>
    </sheetData></worksheet>"""
    path = rezip(xlsx([HEADER]), {"xl/worksheets/sheet1.xml": sheet.encode()})
    table = read_table(path)
    assert table.rows == [(3, ["张三", "", ""]), (4, ["", "#DIV/0!"])]
    assert {(row, at): flaw.name for row, flaws in table.flaws.items() for at, flaw in flaws.items()} == {
        (3, 1): "formula",
        (4, 0): "formula",
        (4, 1): "cell_error",
    }


@pytest.mark.faults("IMP6")
def test_a_formula_written_by_a_program_has_no_value(xlsx: Write) -> None:
    assert read_table(xlsx([HEADER, ["张三", "=B1", "一"]])).flaws[2][1].name == "formula"


@pytest.mark.faults("IMP10")
def test_titles_blank_lines_and_totals_are_left_out(xlsx: Write) -> None:
    rows: list[list[object]] = [["第一支部花名册"], [], [*HEADER], ["张三", "a", "一"], [], ["李四", "b", "一"], []]
    table = read_table(xlsx([*rows, ["合 计：", None, "=COUNTA(C4:C6)"], ["总计2人"]]))
    assert table.header_row_number == 3
    assert [number for number, _ in table.rows] == [4, 6]
    assert table.flaws == {}
    assert [(n.key, dict(n.params)) for n in table.notes] == [
        ("roster.note.above_header", {"row": 3}),
        ("roster.note.total_row", {"row": 9}),
        ("roster.note.total_row", {"row": 8}),
    ]


@pytest.mark.faults("IMP10")
def test_a_total_in_the_middle_is_a_row(csv: Write) -> None:
    assert len(read_table(csv("姓名,账号,支部\n合计,,\n张三,a,一\n")).rows) == 2


@pytest.mark.faults("IMP10")
def test_a_merged_header_of_two_lines(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*HEADER, "联系", None])
    sheet.append([None, None, None, "手机", "邮箱"])
    sheet.append(["张三", "a", "一", "13800138000", "a@example.org"])
    for cells in ("A1:A2", "B1:B2", "C1:C2", "D1:E1"):
        sheet.merge_cells(cells)
    book.save(tmp_path / "merged.xlsx")
    table = read_table(tmp_path / "merged.xlsx")
    assert table.header == [*HEADER, "手机", "邮箱"]
    assert table.rows == [(3, ["张三", "a", "一", "13800138000", "a@example.org"])]


@pytest.mark.faults("IMP10")
def test_the_first_visible_sheet_with_the_header(tmp_path: Path) -> None:
    book = Workbook()
    cover = book.active
    assert cover is not None
    cover.title = "说明"
    cover.append(["姓名", "请填写"])
    hidden = book.create_sheet("旧名单")
    hidden.append(HEADER)
    hidden.sheet_state = "hidden"
    for title in ("名单", "名单二"):
        sheet = book.create_sheet(title)
        sheet.append(HEADER)
        sheet.append(["张三", title, "一"])
    book.save(tmp_path / "sheets.xlsx")
    table = read_table(tmp_path / "sheets.xlsx")
    assert table.rows == [(2, ["张三", "名单", "一"])]
    assert dict(table.notes[0].params) == {"sheet": "名单", "others": "说明、旧名单、名单二"}


@pytest.mark.faults("IMP9")
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b",,,\n,,\n", "empty"),
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "web_page"),
        (b'\xef\xbb\xbf\n<?xml version="1.0"?><Workbook/>', "web_page"),
        (b"%PDF-1.7\n", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n", "not_a_table"),
        (b"PK\x03\x04 and nothing of a zip", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "Workbook".encode("utf-16-le"), "old_excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "not_a_table"),
        ("张三,zhangsan,第一支部\n".encode(), "no_header"),
    ],
)
def test_other_files_are_said_in_words(csv: Write, content: bytes, expected: str) -> None:
    assert refused(csv(content, name="roster.xlsx")) == expected


@pytest.mark.faults("IMP9")
def test_the_name_of_a_file_says_nothing(csv: Write, xlsx: Write) -> None:
    assert read_table(csv(TEXT, name="text.xlsx")).rows
    assert read_table(xlsx([HEADER, ["张三", "a", "一"]], name="book.csv")).rows


def test_no_such_file(tmp_path: Path) -> None:
    assert refused(tmp_path / "absent.csv") == "no_file"
    assert refused(tmp_path) == "no_file"


@pytest.mark.faults("IMP7")
def test_sizes_of_text_files(csv: Write) -> None:
    assert refused(csv(b"a" * (5 * 1024 * 1024 + 1))) == "file_size"
    assert refused(csv("姓名,账号,支部\n" + "张三,a,一\n" * 20_001)) == "too_many_rows"
    assert refused(csv("姓名,账号,支部\n张三,a,一" + "," * 98 + "\n")) == "too_many_columns"
    assert len(read_table(csv("姓名,账号,支部\n" + "张三,a,一\n" * 20_000)).rows) == 20_000


def sheet_of(rows: bytes) -> bytes:
    return f'<worksheet xmlns="{MAIN}"><sheetData>'.encode() + rows + b"</sheetData></worksheet>"


@pytest.mark.faults("IMP7")
@pytest.mark.parametrize(
    ("part", "content", "expected"),
    [
        ("xl/worksheets/sheet1.xml", sheet_of(b" " * (60 * 1024 * 1024)), "unpacked_size"),
        ("xl/sharedStrings.xml", b"<sst>" + b"<si><t>a</t></si>" * 200_000 + b"</sst>", "unpacked_size"),
        (
            "xl/worksheets/sheet1.xml",
            sheet_of(b"".join(b'<row r="%d" ht="15"/>' % n for n in range(1, 1_000_001))),
            "blank_rows",
        ),
        (
            "xl/worksheets/sheet1.xml",
            sheet_of(b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n) for n in range(1, 25_000))),
            "too_many_rows",
        ),
        (
            "xl/worksheets/sheet1.xml",
            sheet_of(b'<row r="1">' + b"".join(b'<c s="%d"/>' % (n % 2) for n in range(16_384)) + b"</row>"),
            "too_many_columns",
        ),
        (
            "xl/sharedStrings.xml",
            b"<sst>" + b"".join(b"<si><t>%d</t></si>" % n for n in range(160_000)) + b"</sst>",
            "too_much_content",
        ),
        (
            "xl/styles.xml",
            b"<styleSheet>" + b"".join(b'<xf numFmtId="%d"/>' % n for n in range(600_000)) + b"</styleSheet>",
            "too_much_content",
        ),
    ],
    ids=["one part", "shared strings", "a million rows", "25,000 rows", "16,384 columns", "texts", "styles"],
)
def test_bombs_are_refused_at_once(xlsx: Write, rezip: Write, part: str, content: bytes, expected: str) -> None:
    assert refused(rezip(xlsx([HEADER]), {part: content})) == expected


@pytest.mark.faults("IMP7")
def test_a_file_in_many_large_parts(xlsx: Write, rezip: Write) -> None:
    noisy = bytes(range(256)) * 4_096
    assert refused(rezip(xlsx([HEADER]), {f"xl/media/{n}.bin": noisy for n in range(51)})) == "unpacked_size"


@pytest.mark.faults("IMP7")
def test_a_row_numbered_in_the_billions_costs_nothing(xlsx: Write, rezip: Write) -> None:
    far = sheet_of(b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>')
    started = time.process_time()
    with pytest.raises(UserError):
        read_table(rezip(xlsx([HEADER]), {"xl/worksheets/sheet1.xml": far}))
    assert time.process_time() - started < 5


@pytest.mark.faults("IMP7", "IMP10")
def test_a_sheet_that_lies_about_its_size_is_read(xlsx: Write, rezip: Write) -> None:
    source = xlsx([HEADER, ["张三", "a", "一"]])
    with zipfile.ZipFile(source) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    path = rezip(source, {"xl/worksheets/sheet1.xml": sheet.replace(b"A1:C2", b"A1:XFD1048576")})
    assert len(read_table(path).rows) == 1


@pytest.mark.faults("IMP8")
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml", "xl/theme/odd.bin"])
def test_document_types_are_refused(xlsx: Write, rezip: Write, part: str) -> None:
    text = "spreadsheetml.sheet.main+xml"
    bomb = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "{text}">]><a>&b;</a>'
    assert refused(rezip(xlsx([HEADER]), {part: bomb.encode()})) == "document_type"


@pytest.mark.faults("IMP8")
def test_a_document_type_in_another_encoding_is_refused(xlsx: Write, rezip: Write) -> None:
    bomb = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    assert refused(rezip(xlsx([HEADER]), {"xl/sharedStrings.xml": bomb.encode("utf-16")})) == "document_type"


@pytest.mark.faults("IMP8")
def test_macros_are_refused(xlsx: Write, rezip: Write) -> None:
    source = xlsx([HEADER])
    assert refused(rezip(source, {"xl/vbaProject.bin": b"\0"})) == "macros"
    with zipfile.ZipFile(source) as archive:
        types = archive.read("[Content_Types].xml")
    kind = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    old = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    assert refused(rezip(source, {"[Content_Types].xml": types.replace(old, kind)})) == "macros"


@pytest.mark.faults("IMP9")
def test_other_packages_and_damaged_ones(xlsx: Write, rezip: Write, tmp_path: Path) -> None:
    source = xlsx([HEADER, ["张三", "a", "一"]])
    assert refused(rezip(source, {"[Content_Types].xml": b"<Types>wordprocessingml</Types>"})) == "not_a_table"
    assert refused(rezip(source, {"[Content_Types].xml": None})) == "not_a_table"
    assert refused(rezip(source, {"xl/workbook.xml": b"<workbook"})) == "broken"
    dangling = sheet_of(b'<row r="1"><c r="A1" t="s"><v>7</v></c></row>')
    assert refused(rezip(source, {"xl/worksheets/sheet1.xml": dangling})) == "broken"
    content = source.read_bytes()
    (tmp_path / "half.xlsx").write_bytes(content[: len(content) // 2])
    assert refused(tmp_path / "half.xlsx") == "broken"


@pytest.mark.faults("IMP9")
def test_a_flipped_byte_anywhere_is_a_sentence_or_nothing(xlsx: Write, tmp_path: Path) -> None:
    content = xlsx([HEADER, ["张三", "a", "一"]]).read_bytes()
    for position in range(0, len(content), 29):
        flipped = bytearray(content)
        flipped[position] ^= 0xFF
        (tmp_path / "flipped.xlsx").write_bytes(bytes(flipped))
        with contextlib.suppress(UserError):
            read_table(tmp_path / "flipped.xlsx")
