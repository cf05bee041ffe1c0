"""What was left in a text by mistake: XX, {姓名}, 【待定】, 测试. A warning before sending, never a refusal."""

from __future__ import annotations

import re

from bot.rules.folding import normalise

_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s\u3000-\u303f\u4e00-\u9fff]+", re.IGNORECASE)
_BLANKS = "姓名|名字|同志|时间|日期|地点|单位|部门|支部|电话|手机|链接|标题|主题|内容|事由|会议室|职务|金额|数量|编号"
_UNDECIDED = "待定|待补充?|待填写?|待确认|待通知|待续|另行补充|此处填写|请填写|请输入|点击输入|占位"
_LEFTOVERS = re.compile(
    "|".join(
        (
            r"\$?\{\{?[^{}\n]{0,20}\}?\}",
            r"%\([a-z_]{1,20}\)s",
            rf"[\[【<《(「][\s]*(?:{_BLANKS}|{_UNDECIDED}|x+|\.{{3,6}}|…+)[\s]*[\]】>》)」]",
            r"(?<![a-z])x{2,}(?![a-z])",
            r"(?<![a-z0-9])x(?=\s*(?:年|月|日|号|时|点|届|次|楼|同志))",
            r"[×✕]{2,}",
            r"[×✕](?=\s*(?:年|月|日|号|时|点|届|次|楼|同志))",
            r"(?<![0-9零一二三四五六七八九])[○〇]{2,}(?![0-9零一二三四五六七八九])",
            r"[?]{3,}|_{3,}|[□]{2,}",
            _UNDECIDED,
            r"测试",
            r"(?<![a-z])(?:test(?:ing)?|todo|tbd|tba|fixme|lorem ipsum|asdf|foobar)(?![a-z])",
        )
    ),
    re.IGNORECASE,
)


def suspicious_words(text: str) -> list[str]:
    """The leftovers in `text`, each once, in order, as they read with half-width characters. Addresses are skipped."""
    plain = _ADDRESS.sub(" ", normalise(text))
    return list(dict.fromkeys(found.group().strip() for found in _LEFTOVERS.finditer(plain)))
