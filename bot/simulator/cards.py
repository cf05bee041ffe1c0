"""Template cards: whether the vendor would take one, and what people see of it."""

from collections.abc import Callable, Iterable
from typing import Any

from bot.simulator.refusal import Refusal
from bot.simulator.shown import Content, Json, SimButton

NoteCut = Callable[[str, int, int], None]
"""Told (part, characters, most) when a part is longer than the vendor advises and therefore cut on display."""

CARD_TYPES = ("text_notice", "news_notice", "button_interaction", "vote_interaction", "multiple_interaction")
INTERACTIVE = ("button_interaction", "vote_interaction", "multiple_interaction")

_LONGEST_KEY = 1024


def check(card: object, *, updates: bool = False) -> Json:
    """The card, when the vendor would take it; `updates`: it replaces another, whose task id it keeps.

    Raises Refusal 42027 for missing or surplus parts, 41016 without a title, 42016 without a needed task id,
    42017–42019 for button keys, 45034 for an address without scheme. The task id's form is checked where it is kept.
    """
    if not isinstance(card, dict):
        raise Refusal(42027, "template_card")
    kind = card.get("card_type")
    if kind not in CARD_TYPES:
        raise Refusal(42027, "card_type")
    menu = _list(_dict(card, "action_menu"), "action_list", 3)
    if (kind in INTERACTIVE or menu) and not updates and not card.get("task_id"):
        raise Refusal(42016)
    title = _dict(card, "main_title").get("title")
    if not title and not (kind == "text_notice" and card.get("sub_title_text")):
        raise Refusal(41016)
    if kind in ("text_notice", "news_notice") and _dict(card, "card_action").get("type") not in (1, 2):
        raise Refusal(42027, "card_action")
    if kind == "news_notice" and not card.get("card_image") and not card.get("image_text_area"):
        raise Refusal(42027, "card_image")
    for row in _list(card, "horizontal_content_list", 6):
        if not row.get("keyname"):
            raise Refusal(42027, "horizontal_content_list.keyname")
    _list(card, "vertical_content_list", 4)
    for target in (_dict(card, "card_action"), *_list(card, "jump_list", 3)):
        _check_url(target)
    _check_keys(menu)
    if kind == "button_interaction":
        buttons = _list(card, "button_list", 6)
        if not buttons:
            raise Refusal(42027, "button_list")
        _check_buttons(buttons)
        _check_options(_dict(card, "button_selection"), 10)
    if kind == "vote_interaction":
        _check_options(_dict(card, "checkbox"), 20, required=True)
        _check_keys([_dict(card, "submit_button")])
    if kind == "multiple_interaction":
        selections = _list(card, "select_list", 3)
        if not selections:
            raise Refusal(42027, "select_list")
        for selection in selections:
            _check_options(selection, 10, required=True)
        _check_keys([_dict(card, "submit_button")])
    return card


def content(card: Json, note: NoteCut, *, task_id: str = "") -> Content:
    """What is seen of a checked card; parts over the advised length are cut and noted."""

    def cut(part: str, text: object, most: int) -> str:
        words = str(text or "")
        if len(words) > most:
            note(part, len(words), most)
        return words[:most]

    title, emphasis = _dict(card, "main_title"), _dict(card, "emphasis_content")
    quote, picture = _dict(card, "quote_area"), _dict(card, "image_text_area")
    parts = [
        cut("source.desc", _dict(card, "source").get("desc"), 20),
        cut("main_title.title", title.get("title"), 36),
        cut("main_title.desc", title.get("desc"), 44),
        str(picture.get("title") or ""),
        str(picture.get("desc") or ""),
        cut("emphasis_content.title", emphasis.get("title"), 14),
        cut("emphasis_content.desc", emphasis.get("desc"), 22),
        str(quote.get("title") or ""),
        str(quote.get("quote_text") or ""),
        cut("sub_title_text", card.get("sub_title_text"), 160),
        *(
            f"{cut('vertical.title', row.get('title'), 38)} {cut('vertical.desc', row.get('desc'), 160)}".strip()
            for row in card.get("vertical_content_list") or []
        ),
        *(
            "：".join(
                (
                    cut("horizontal.keyname", row.get("keyname"), _fitting(row.get("keyname"), 5)),
                    cut("horizontal.value", row.get("value"), 30),
                )
            )
            for row in card.get("horizontal_content_list") or []
        ),
        *(cut("jump.title", jump.get("title"), 18) for jump in card.get("jump_list") or []),
    ]
    return Content(
        "card",
        "\n".join(part for part in parts if part),
        card=card,
        buttons=_buttons(card, cut),
        url=str(_dict(card, "card_action").get("url") or ""),
        task_id=str(card.get("task_id") or task_id),
    )


def _fitting(text: object, most: int) -> int:
    """How many characters fit beside a value where `most` Chinese ones do: Latin letters are half as wide."""
    width = 0.0
    for index, char in enumerate(words := str(text or "")):
        width += 0.5 if char.isascii() else 1.0
        if width > most:
            return index
    return len(words)


def _buttons(card: Json, cut: Callable[[str, object, int], str]) -> tuple[SimButton, ...]:
    """The buttons; `replace_text` greys those that call back."""
    replaced = str(card.get("replace_text") or "")
    rows: Iterable[Json] = card.get("button_list") or []
    if card.get("submit_button"):
        rows = [{**card["submit_button"], "style": 1}]
    buttons = []
    for row in rows:
        opens = row.get("type") == 1
        label = cut("button.text", row.get("text"), 10)
        greyed = bool(replaced) and not opens
        buttons.append(
            SimButton(
                text=replaced if greyed else label,
                key="" if opens else str(row.get("key", "")),
                url=str(row.get("url", "")) if opens else "",
                enabled=not greyed,
                primary=row.get("style", 1) == 1,
            )
        )
    return tuple(buttons)


def _check_buttons(buttons: list[Json]) -> None:
    for button in buttons:
        if not button.get("text"):
            raise Refusal(42027, "button_list.text")
        if button.get("type", 0) == 1:
            _check_url({"type": 1, "url": button.get("url")})
    _check_keys([button for button in buttons if button.get("type", 0) != 1])


def _check_keys(rows: list[Json]) -> None:
    seen: set[str] = set()
    for row in rows:
        key = row.get("key")
        if not isinstance(key, str) or not key:
            raise Refusal(42017)
        if len(key.encode()) > _LONGEST_KEY:
            raise Refusal(42019)
        if key in seen:
            raise Refusal(42018)
        seen.add(key)


def _check_options(selection: Json, most: int, *, required: bool = False) -> None:
    if not selection and not required:
        return
    options = _list(selection, "option_list", most)
    if not options or not selection.get("question_key"):
        raise Refusal(42027, "option_list")
    for option in options:
        if not option.get("id") or len(str(option["id"]).encode()) > 128 or not option.get("text"):
            raise Refusal(42027, "option_list.id")


def _check_url(target: Json) -> None:
    if target.get("type") != 1:
        return
    url = target.get("url")
    if not isinstance(url, str) or not url:
        raise Refusal(42027, "url")
    if "://" not in url:
        raise Refusal(45034)
    if len(url.encode()) > 2048:
        raise Refusal(45035)


def _dict(card: Json, name: str) -> Json:
    value: Any = card.get(name) or {}
    if not isinstance(value, dict):
        raise Refusal(42027, name)
    return value


def _list(card: Json, name: str, most: int) -> list[Json]:
    value: Any = card.get(name) or []
    if not isinstance(value, list) or len(value) > most or not all(isinstance(row, dict) for row in value):
        raise Refusal(42027, name)
    return value
