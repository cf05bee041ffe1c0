"""The public page's search over 50,000 published answers, compared with a scan where all words must stand."""

import random
import time
from pathlib import Path

from benchmarks.figures import Figure, Wrong, median
from benchmarks.place import NOW, filling, new_database, stored
from bot.rules.matching import pairs_of
from bot.services import public_questions
from storage.database import Database

PUBLISHED = 50_000
REPEATS = 30
RARE_EVERY = 7_000
RARE = "老槐树移栽"
SEARCHES = {
    "a rare phrase": RARE,
    "a common word": "物业",
    "three words": "电梯 维修 基金",
    "a sentence that stands nowhere": "三号楼电梯维修基金不够，物业说要业主再交停车费，公示也没有看到",
    "a miss": "鲸鱼座流星雨",
}
_WHERE = [
    "一号楼",
    "二号楼",
    "东门",
    "西门",
    "北区",
    "南广场",
    "地下车库",
    "活动室",
    "幼儿园",
    "菜市场",
    "社区医院",
    "服务大厅",
    "图书角",
    "文化站",
    "公交站",
]
_WHAT = [
    "电梯",
    "路灯",
    "停车费",
    "水管",
    "门禁",
    "健身器材",
    "垃圾分类",
    "消防通道",
    "充电桩",
    "暖气",
    "绿化",
    "公示栏",
    "维修基金",
    "医保报销",
    "老年卡",
    "居住证",
    "租房补贴",
    "入学登记",
    "失业登记",
    "养老认证",
    "宽带",
    "燃气",
    "快递柜",
    "监控",
    "井盖",
    "围墙",
    "雨棚",
    "噪声",
    "油烟",
    "流浪猫",
]
_ASKS = [
    "什么时候能修好",
    "怎么申请",
    "要带哪些材料",
    "为什么停了",
    "由谁负责",
    "能不能改到周末",
    "收费标准是多少",
    "在哪里登记",
]
_ANSWERS = [
    "已请物业上门查看",
    "预计三个工作日内完成",
    "请带身份证和户口本到服务大厅办理",
    "费用从维修基金列支",
    "名单公示七天后办结",
    "施工期间请绕行南侧道路",
    "可以委托家人代办",
    "业主大会表决通过后实施",
    "厂家正在调配配件",
    "已列入下半年改造计划",
    "周末上午有人值班",
    "请先在网上预约",
    "审核通过后短信通知",
    "低保家庭免收费用",
    "党员志愿者每周巡查一次",
    "街道正在协调施工单位",
]


async def measure(folder: Path) -> list[Figure]:
    """Raises Wrong when a search shows something else than a scan finds."""
    database = folder / "searching.db"
    await new_database(database, members=10)
    expected = _fill(database, random.Random(7))
    times: dict[str, list[float]] = {name: [] for name in SEARCHES}
    opened = Database(f"sqlite+aiosqlite:///{database}")
    try:
        for repeat in range(-2, REPEATS):
            for name, words in SEARCHES.items():
                started = time.perf_counter()
                async with opened.reading() as tx:
                    found = await public_questions.find(tx, words, before=None)
                if repeat >= 0:
                    times[name].append(time.perf_counter() - started)
                exact = [] if found.near else [shown.number for shown in found.shown]
                if exact != expected[name]:
                    raise Wrong(f"{name}: found {exact}, a scan finds {expected[name]}")
    finally:
        await opened.close()
    figures = [
        Figure("searching", f"{name}, longest", max(taken) * 1000, 50, 25, most=True, unit=" ms")
        for name, taken in times.items()
    ]
    return figures + [Figure("", f"{name}, median", median(taken) * 1000, unit=" ms") for name, taken in times.items()]


def _fill(database: Path, chance: random.Random) -> dict[str, list[int]]:
    """Publishes everything; gives what each search has to show on its first page, found by reading all texts."""
    wanted = {name: pairs_of(words) for name, words in SEARCHES.items()}
    holding: dict[str, list[int]] = {name: [] for name in SEARCHES}
    questions, terms = [], []
    for number in range(1, PUBLISHED + 1):
        question, answer = _text(number, chance)
        pairs = pairs_of(f"{question} {answer}")
        terms += [(term, number) for term in pairs]
        questions.append((number, stored(NOW), question, answer))
        for name, each in wanted.items():
            if each <= pairs:
                holding[name].append(number)
    with filling(database) as rows:
        rows.execute(
            "INSERT INTO resident (id, said_in_hour, missed, created_at) VALUES (1, 0, 0, ?1)",
            (stored(NOW),),
        )
        rows.executemany(
            "INSERT INTO question (id, resident_id, state, words, asked_at, said_at, escalated, helped, not_helped,"
            " public_question, public_answer, published_at) VALUES (?1, 1, 'closed', ?3, ?2, ?2, 0, 0, 0, ?3, ?4, ?2)",
            questions,
        )
        rows.executemany("INSERT INTO public_term (term, question_id) VALUES (?, ?)", sorted(terms))
    return {name: numbers[::-1][: public_questions.PER_PAGE] for name, numbers in holding.items()}


def _text(number: int, chance: random.Random) -> tuple[str, str]:
    """A question and its answer, put together from words, some of them with names that hardly recur."""
    name = "".join(chr(0x4E00 + chance.randrange(3000)) for _ in range(2))
    rare = f"，另外门口的{RARE}了吗" if number % RARE_EVERY == 0 else ""
    question = f"{chance.choice(_WHERE)}的{chance.choice(_WHAT)}{chance.choice(_ASKS)}{rare}？"
    return question, f"{name}路：" + "，".join(chance.sample(_ANSWERS, 4)) + "。"
