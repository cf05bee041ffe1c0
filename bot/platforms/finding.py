"""One thing that `doctor` looked at on a platform."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` is a text under `doctor.`; `params` fill its placeholders. `grave`: without it nothing works."""

    ok: bool
    key: str
    params: dict[str, object] = field(default_factory=dict)
    grave: bool = True
