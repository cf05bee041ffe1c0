"""Bodies as HTML: what people write comes out as they meant it, and harmless."""

import pytest

from handlers.pages.body import render

REL = 'rel="noopener noreferrer nofollow"'


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("一行\n又一行", "<p>一行<br>\n又一行</p>"),
        ("    缩进的一行", "<p>缩进的一行</p>"),
        ("标题\n------", "<p>标题</p>\n<hr>"),
        ("# 一\n\n###### 六", "<h2>一</h2>\n<h6>六</h6>"),
        ("**重点**和~~旧的~~", "<p><strong>重点</strong>和<s>旧的</s></p>"),
        ("**时间：**周五**（晚上）**三楼", "<p><strong>时间：</strong>周五<strong>（晚上）</strong>三楼</p>"),
        ("a * b * c，2*3", "<p>a * b * c，2*3</p>"),
        ("** 不是 **", "<p>** 不是 **</p>"),
        ("***都：***有", "<p><em><strong>都：</strong></em>有</p>"),
        ("3. 三\n4. 四", '<ol start="3">\n<li>三</li>\n<li>四</li>\n</ol>'),
        (
            "见https://a.cn/b?c=1&d=2，谢谢",
            f'<p>见<a href="https://a.cn/b?c=1&amp;d=2" {REL}>https://a.cn/b?c=1&amp;d=2</a>，谢谢</p>',
        ),
        ("(https://a.cn/b).", f'<p>(<a href="https://a.cn/b" {REL}>https://a.cn/b</a>).</p>'),
        ("[这里](https://a.cn)", f'<p><a href="https://a.cn" {REL}>这里</a></p>'),
        ("[https://good.cn](https://a.cn)", f'<p><a href="https://a.cn" {REL}>https://good.cn</a></p>'),
        ("<a@b.cn>", f'<p><a href="mailto:a@b.cn" {REL}>a@b.cn</a></p>'),
        ("![图](https://a.cn/x.png)", f'<p><a href="https://a.cn/x.png" {REL}>图</a></p>'),
        ("![](https://a.cn/x.png)", f'<p><a href="https://a.cn/x.png" {REL}>https://a.cn/x.png</a></p>'),
        ("[![图](https://a.cn/x.png)](https://b.cn)", f'<p><a href="https://b.cn" {REL}>图</a></p>'),
        ("", ""),
    ],
)
def test_bodies(body: str, html: str) -> None:
    assert render(body).strip() == html


@pytest.mark.faults("WEB10")
@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](data:image/png;base64,AAAA)",
        "![x](javascript:alert(1))",
        "<javascript:alert(1)>",
        '[x](https://a.cn "\\" onclick=\\"alert(1)")',
        "`<script>`",
        "| <b onclick=x> |\n| :-: |\n| <script> |",
        "&lt;script&gt;",
    ],
)
def test_nothing_runs_and_nothing_is_loaded(body: str) -> None:
    html = render(body)
    for danger in ("<script", "<img", "<b ", 'onclick="', 'href="javascript', 'href="data', "style=", "title="):
        assert danger not in html


def test_a_long_body_takes_linear_time() -> None:
    assert len(render("[" * 20_000)) >= 20_000
    assert len(render("https://a.cn " * 5_000)) > 100_000
    assert len(render("字" + "*" * 20_000 + "字")) > 20_000
    assert len(render("**字：**字" * 2_000)) > 20_000
