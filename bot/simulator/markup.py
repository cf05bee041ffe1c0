"""The XML of the vendor's callbacks."""

from collections.abc import Mapping


def cdata(text: str) -> str:
    """Text as CDATA, whatever it contains."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def element(name: str, value: object) -> str:
    """One element: numbers bare, words as CDATA, a mapping as its children, a list as repeated elements."""
    if isinstance(value, (list, tuple)):
        return "".join(element(name, one) for one in value)
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(element(str(key), one) for key, one in value.items())}</{name}>"
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    return f"<{name}>{cdata(str(value))}</{name}>"


def document(fields: Mapping[str, object]) -> str:
    """The whole `<xml>…</xml>`, elements in the given order."""
    return element("xml", fields)
