"""Formula cells of a sheet that have no stored value: what they would show, nobody computed.

openpyxl shows such a cell and a blank one alike, so the sheet's XML is asked, and only where it has formulas at all.
"""

import posixpath
import re
import zipfile
from typing import Final
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring, iterparse
from openpyxl.utils.cell import coordinate_to_tuple

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")


def sheet_part(archive: zipfile.ZipFile, title: str) -> str | None:
    """The name of the part that holds the sheet with this title; None when the workbook does not say."""
    workbook = next((target for kind, _, target in _links(archive, "") if kind == "officeDocument"), None)
    if workbook is None:
        return None
    parts = {link: target for _, link, target in _links(archive, workbook)}
    for sheet in fromstring(archive.read(workbook)).iter(f"{_MAIN}sheet"):
        if sheet.get("name") == title:
            return parts.get(sheet.get(_LINK, ""))
    return None


def without_value(archive: zipfile.ZipFile, part: str) -> set[tuple[int, int]]:
    """Row and column, both from 1, of every formula without a stored value. An empty text is a value."""
    content = archive.read(part)
    # A part in UTF-16 has NULs and escapes the search; it is read in full, that is all.
    if _FORMULA.search(content) is None and b"\0" not in content:
        return set()
    found: set[tuple[int, int]] = set()
    row = column = 0
    with archive.open(part) as source:
        for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                if element.tag == f"{_MAIN}row":
                    row, column = int(element.get("r", row + 1)), 0
            elif element.tag == f"{_MAIN}c":
                place = element.get("r")
                row, column = coordinate_to_tuple(place) if place else (row, column + 1)
                if _is_uncomputed(element):
                    found.add((row, column))
            elif element.tag == f"{_MAIN}row":
                element.clear()
    return found


def _is_uncomputed(cell: Element) -> bool:
    return cell.find(f"{_MAIN}f") is not None and cell.get("t") != "str" and not cell.findtext(f"{_MAIN}v")


def _links(archive: zipfile.ZipFile, part: str) -> list[tuple[str, str, str]]:
    """Kind, id and target of every relationship of a part; "" stands for the package itself."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in archive.namelist():
        return []
    return [
        (
            link.get("Type", "").rpartition("/")[2],
            link.get("Id", ""),
            posixpath.normpath(posixpath.join("/", folder, link.get("Target", ""))).lstrip("/"),
        )
        for link in fromstring(archive.read(rels))
        if link.get("TargetMode") != "External"
    ]
