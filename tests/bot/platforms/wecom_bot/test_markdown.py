"""What people wrote is no markup."""

import pytest
from markdown_it import MarkdownIt

from bot.platforms.wecom_bot.markdown import escape


@pytest.mark.parametrize(
    "text",
    [
        "#12 关于召开支部大会的通知",
        "收到 12，第 3 次_备注",
        "5 * 3",
        "a < b",
        "地点：三楼 [东侧]",
        "https://bot.example.org/i/a_b",
    ],
)
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert escape(text) == text


@pytest.mark.faults("OUT34")
@pytest.mark.parametrize(
    "text",
    [
        "**急** 和 *斜*",
        "5*3*2",
        "__急__ 与 _斜_",
        "`code` ~~删~~",
        "[点这里](https://evil.example)",
        "![图](https://evil.example/x.png)",
        "[a][b]\n\n[b]: https://evil.example",
        '<font color="warning">急</font>',
        '<a href="https://evil.example">x</a>',
        "<!-- x -->",
        "# 标题",
        "## 标题",
        "> 引用",
        "标题\n---",
        "标题\n===",
        "\\*不是\\* 转义",
        "C:\\[a](b)",
        "```\n代码\n```",
    ],
)
def test_nothing_is_read_as_markup(text: str) -> None:
    html = MarkdownIt("commonmark").enable("strikethrough").render(escape(text))
    for tag in ("<em", "<strong", "<code", "<s>", "<a ", "<img", "<h1", "<h2", "<blockquote", "<font", "<hr", "<!--"):
        assert tag not in html
