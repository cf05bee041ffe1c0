"""The OpenAPI document: true to the table of routes, and kept by the running server."""

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest

from handlers.api import PREFIX, ROUTES
from storage.enums import ItemKind, ItemStatus, ReceiptKind
from tests.handlers.api.system import WRITE, Office


async def test_the_document_lists_every_route(office: Office) -> None:
    document = (await office.system.asks("/openapi.json")).body

    assert document["openapi"].startswith("3.1")
    listed = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert listed == {(PREFIX + route.path, route.method.lower()) for route in ROUTES}


@pytest.mark.faults("WEB12", "WEB18")
async def test_the_server_keeps_to_its_document(office: Office, tmp_path: Path) -> None:
    """Requests made up from the document, right and wrong ones; every answer is held against it."""
    await a_few_items(office)

    # What looks like a cursor is none: such a request is refused, and that is right.
    failures = await explore(
        f"{office.system.base}api/v1/openapi.json", tmp_path, "--exclude-checks", "positive_data_acceptance"
    )

    assert failures == ""


async def test_the_server_takes_what_its_document_allows(office: Office, tmp_path: Path) -> None:
    await a_few_items(office)
    document = (await office.system.asks("/openapi.json")).body
    for operation in (operation for methods in document["paths"].values() for operation in methods.values()):
        operation["parameters"] = [each for each in operation["parameters"] if each["name"] != "after"]
    del document["paths"][f"{PREFIX}/items"]["post"]  # who may publish what to whom, no document can say
    without_cursors = tmp_path / "openapi.json"
    without_cursors.write_text(json.dumps(document))

    failures = await explore(str(without_cursors), tmp_path, "--url", office.system.base, "--mode", "positive")

    assert failures == ""


async def a_few_items(office: Office) -> None:
    number = await office.publishes()
    await office.receives(number, "赵", ReceiptKind.ACK)
    await office.drafts(kind=ItemKind.MATERIAL)
    await office.drafts(status=ItemStatus.SCHEDULED)


async def explore(document: str, folder: Path, *options: str) -> str:
    """Runs schemathesis over a document for a few seconds; what it said when something failed, else ""."""
    command = [
        shutil.which("schemathesis", path=str(Path(sys.executable).parent)) or "schemathesis",
        "run",
        document,
        *("--header", f"Authorization: Bearer {WRITE}"),
        *("--phases", "coverage,fuzzing", "--max-examples", "8", "--seed", "1", "--no-shrink", "--warnings", "off"),
        *options,
    ]
    running = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await running.communicate()
    return said.decode() if running.returncode else ""
