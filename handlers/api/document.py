"""The OpenAPI document, made from the table of routes and their models: there is no second truth to keep in step."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from handlers.api.calls import KEY_HEADER, KEY_PATTERN, QUESTION_PATTERN, Route
from handlers.api.models import Error, Number

REFUSALS = {
    HTTPStatus.BAD_REQUEST: "A parameter is wrong or unknown, or a cursor is of another list.",
    HTTPStatus.UNAUTHORIZED: "The token is missing or wrong.",
    HTTPStatus.FORBIDDEN: "The token may only read.",
    HTTPStatus.NOT_FOUND: "There is no such item or question.",
    HTTPStatus.CONFLICT: "The item is not in the right state for it, or it was done a moment ago.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "There is a larger body than is expected.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "What was sent cannot be done: the body is wrong, or none is expected.",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not come within ten seconds.",
    HTTPStatus.TOO_MANY_REQUESTS: "The token, or without one the address, asks too often; see Retry-After.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong here; the message says a number that is in the log.",
}
WHAT = "Items, deliveries, members, branches and residents' questions."
_PLACE = "#/components/schemas/"
_Schema = dict[str, Any]


def document(routes: Sequence[Route[Any]], prefix: str) -> dict[str, object]:
    """An OpenAPI 3.1 document of these routes below the prefix."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Error, "serialization")]
    for route in routes:
        wanted += [(route.answer, "serialization"), (route.query, "validation")]
        if route.body is not None:
            wanted.append((route.body, "validation"))
    refs, found = models_json_schema(list(dict.fromkeys(wanted)), ref_template=_PLACE + "{model}")
    schemas: _Schema = found["$defs"]

    def ref(model: type[BaseModel], mode: JsonSchemaMode) -> str:
        return str(refs[model, mode]["$ref"])

    parameters = {
        query: _parameters(schemas.pop(ref(query, "validation").removeprefix(_PLACE)))
        for query in {route.query for route in routes}
    }
    paths: dict[str, _Schema] = {}
    for route in routes:
        success = "200" if route.body is None else "201"
        operation: _Schema = {
            "operationId": route.name,
            "summary": route.summary,
            "parameters": _path_parameters(route) + _key_parameter(route) + parameters[route.query],
            "responses": {
                success: {
                    "description": "Done.",
                    "content": _json(ref(route.answer, "serialization")),
                },
                **{str(status.value): {"$ref": f"#/components/responses/{status.name}"} for status in _refusals(route)},
            },
        }
        if route.body is not None:
            operation["requestBody"] = {"required": True, "content": _json(ref(route.body, "validation"))}
        paths.setdefault(prefix + route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "branchbot",
            "version": "1",
            "description": WHAT,
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": {
                status.name: {"description": words, "content": _json(ref(Error, "serialization"))}
                for status, words in REFUSALS.items()
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _refusals(route: Route[Any]) -> list[HTTPStatus]:
    """What a route may answer besides success."""
    only_writing = {
        HTTPStatus.FORBIDDEN,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
    left_out = set() if route.writes else only_writing
    if not route.has_number:
        left_out = left_out | {HTTPStatus.NOT_FOUND}
    return [status for status in REFUSALS if status not in left_out]


def _path_parameters(route: Route[Any]) -> list[_Schema]:
    if not route.has_number:
        return []
    if route.has_question:
        schema = {"type": "string", "pattern": f"^{QUESTION_PATTERN}$"}
        words = "The question's number: Q34."
        return [{"name": "question", "in": "path", "required": True, "description": words, "schema": schema}]
    schema = TypeAdapter(Number).json_schema()
    return [{"name": "number", "in": "path", "required": True, "description": "The item's number.", "schema": schema}]


def _key_parameter(route: Route[Any]) -> list[_Schema]:
    if route.body is None:
        return []
    words = "Names this request: sent again with the same key and body, it is answered as the first time."
    schema = {"type": "string", "pattern": f"^{KEY_PATTERN}$"}
    return [{"name": KEY_HEADER, "in": "header", "required": True, "description": words, "schema": schema}]


def _parameters(schema: _Schema) -> list[_Schema]:
    """The fields of a query model as parameters. None of them is required; one that is left out is not null."""
    found = []
    for name, field in schema.get("properties", {}).items():
        rules = {key: value for key, value in field.items() if key not in ("title", "description")}
        if rules.get("default", ...) is None:
            del rules["default"]
        found.append({"name": name, "in": "query", "description": field["description"], "schema": rules})
    return found


def _json(ref: str) -> _Schema:
    return {"application/json": {"schema": {"$ref": ref}}}
