"""Who may say and press what, about whose things: one table, held against everything that there is.

A command or a button that is not in the table fails the test: what nobody has thought about is denied.
"""

from dataclasses import dataclass, field

import pytest

import handlers
from bot.errors import UserError
from bot.inbound.conversation import converse
from bot.inbound.router import Command, Commands, Context, Router
from bot.update import Update, UpdateKind
from storage.enums import ItemStatus, PlanStatus, Role
from storage.plans import Plan
from storage.questions import new_question
from tests.handlers.office import Office

ABSENT = 77

SAID = """
通知 notice              secretary
学习 study               secretary
会议 meeting             secretary
投票 poll                secretary
报名 signup              secretary
确认 confirm             secretary             draft
取消 cancel              secretary             draft
撤销 undo                secretary             draft
参加 join                everybody             received
请假 leave               everybody             received   {n} 出差
请假到 away              everybody
销假 back                everybody
签到 here                everybody
名单 names               secretary             managed
投 vote 投票 poll        everybody             received   {n} A
结果 result              everybody
报名 signup              everybody             received
退出 quit                everybody             received
不附 detach              secretary             draft      {n} 1
收到 ack 确认 confirm    everybody             received
催办 remind              secretary             managed
稍后 later               everybody             received
明早 tomorrow            everybody             received
进度 status              secretary,supervisor  viewed
未读 unread              secretary,supervisor  viewed
列表 list                secretary
计划 plans               secretary
改期 reschedule          secretary             plan       P{n} 明天9点
跳过 skip                secretary             plan       P{n}
负担线 burden            secretary
更正 correct             secretary             managed    {n} 新的话
演练 rehearse            secretary             managed
同意 approve             secretary
退回 return              secretary
审批 approval            secretary
撤回 withdraw            secretary             managed
再发 resend              secretary             managed
不发 noresend            secretary             managed
豁免 excuse              secretary             managed    {n} 陈静 出差
恢复 restore             secretary             managed    {n} 陈静
导出 export              secretary,supervisor  viewed
线下确认 offline         secretary             managed    {n} 1
撤销线下 takeback        secretary             managed
代读人 helper            everybody
代确认 assist            everybody
结束 close               secretary             managed
补发 add                 secretary             managed    {n} 陈静
待办 todo                everybody
我的记录 mydata          everybody
绑定 bind                secretary
解绑 unbind              secretary
时间没错 clock           administrator
问题 questions           responder             question   Q{n}
认领 claim               responder             question   Q{n}
转办 assign              responder             question   Q{n} 第一支部
改类 topic               responder             question   Q{n} 物业
并案 merge               responder             question   Q{n} Q{n}
拆开 split               responder             question   Q{n}
办结 finish              responder             question   Q{n}
重开 reopen              responder             question   Q{n}
答复 answer              responder             question   Q{n} 周五来
追问 ask                 responder             question   Q{n} 几号楼
不予受理 decline         responder             question   Q{n} 不归我们管
撤销 undo                responder             question   Q{n}
承诺 promises            responder
常用语 snippets          responder
公开 publish             secretary             published  Q{n}
不公开 unpublish         secretary             published  Q{n}
二维码 poster            secretary,responder
绑定答复群 binddesk      secretary
解绑答复群 unbinddesk    secretary
帮助 help                everybody
"""
"""Names, who, what its number names, and what is said behind the word ({n} alone where nothing stands)."""

PRESSED = """
confirm         secretary             draft
morning         secretary             draft
cancel          secretary             draft
join            everybody             received
leave           everybody             received
vote            everybody             received   {n}-A
enter           everybody             received
quit            everybody             received
minor           secretary             managed
major           secretary             managed
uncorrect       secretary             managed
resend          secretary             managed
leave_doubt     secretary             managed
approve         secretary
return          secretary
help_yes        everybody
help_no         everybody
assist          everybody
view            responder             question
claim           responder             question
take            responder             question
unclaimed       responder
answer          responder             question
answer_anyway   responder
answer_drop     responder
promise_keep    responder
promise_skip    responder
promise_done    responder
promise_late    responder
promise_move    responder
publish_submit  secretary
publish_agree   secretary,responder
publish_refuse  secretary,responder
"""

ROLES = {
    "boss": Role.SECRETARY,
    "li": Role.SECRETARY,
    "sun": Role.SECRETARY,
    "zhao": Role.SUPERVISOR,
    "zhou": Role.SUPERVISOR,
    "zs1": Role.RESPONDER,
    "wu": Role.RESPONDER,
    "chen": None,
    "liu": None,
}
"""And `admin`, who is everything."""
MAY = {
    "draft": {"li", "admin"},
    "managed": {"li", "boss", "admin"},
    "viewed": {"li", "boss", "zhao", "admin"},
    "received": {"li", "zs1", "chen"},
    "plan": {"li", "boss", "admin"},
    "question": {"zs1", "admin"},
    "published": {"li", "boss", "admin"},
}
"""Of those whose role admits the word: who finds a thing of 第一支部, which li has written and its members got.

boss and zhao stand above the branch, zhou beside it, sun and wu somewhere else.
"""


@dataclass(frozen=True, slots=True)
class Row:
    names: tuple[str, ...]
    who: frozenset[str]
    about: str = ""
    said: str = "{n}"

    def admits(self, person: str) -> bool:
        role = ROLES.get(person)
        return "everybody" in self.who or person == "admin" or (role is not None and str(role) in self.who)


def rows(table: str) -> list[Row]:
    found = []
    for line in table.strip().splitlines():
        columns = [each.strip() for each in line.split("  ") if each.strip()]
        names, who, *more = columns
        about = more[0] if more else ""
        found.append(Row(tuple(names.split()), frozenset(who.split(",")), about, more[1] if len(more) > 1 else "{n}"))
    return found


def declared(command: Command) -> frozenset[str]:
    """Who may say it, as its module says."""
    if command.only_administrators:
        return frozenset({"administrator"})
    return frozenset(str(role) for role in command.roles) or frozenset({"everybody"})


@dataclass
class Matrix:
    """The office with everything that can be said, and one thing of each kind."""

    office: Office
    commands: Commands
    numbers: dict[str, int] = field(default_factory=dict)

    async def hears(self, person: str, kind: UpdateKind, words: str) -> str:
        """What somebody reads; nothing that follows from it stays."""
        text, action = (words, "") if kind is UpdateKind.TEXT else ("", words)
        office = self.office
        update = Update(
            platform="wecom", key="k", kind=kind, user_id=person, sent_at=office.now, text=text, action=action
        )
        said = ""
        try:
            async with office.database.transaction() as tx:
                who = await office.speaker(tx, person)
                try:
                    reply = await converse(Context(tx, office.now, update, who, office.settings, self.commands))
                    said = (reply.private or reply).text if reply is not None else ""
                except UserError as error:
                    said = office.settings.texts.say(error.key, **error.params)
                raise LookupError("nothing of it stays")
        except LookupError:
            return said


@pytest.fixture
async def matrix(office: Office) -> Matrix:
    first = office.branches["第一支部"]
    async with office.database.transaction() as tx:
        await tx.members.set_roles(office.members["zs1"], {(str(Role.RESPONDER), first)})
        await tx.members.set_roles(office.members["wu"], {(str(Role.RESPONDER), office.branches["外单位支部"])})
        resident = await tx.residents.ensure("token", office.now)
        await tx.flush()
        question = new_question(
            resident_id=resident.id, branch_id=first, topic=None, words="电梯", pickup_code="1", now=office.now
        )
        await tx.questions.add_all([question])
        number = question.id
    found = Matrix(office, handlers.commands())
    item = await office.item("li", branch="第一支部", to=["第一支部"])
    await office.send()
    draft = await office.item("li", branch="第一支部", to=["第一支部"], status=ItemStatus.DRAFT)
    planned = await office.item("li", branch="第一支部", to=["第一支部"], timed=True)
    async with office.database.transaction() as tx:
        plan = Plan(
            status=PlanStatus.ACTIVE,
            author_id=office.members["li"],
            branch_id=first,
            rule='{"every": "day", "at": "09:00"}',
            starts_at=office.now,
            item_id=planned,
            moment=office.now,
            created_at=office.now,
        )
        tx.plans.add(plan)
        await tx.flush()
        found.numbers["plan"] = plan.id
    found.numbers |= {"draft": draft, "managed": item, "viewed": item, "received": item}
    found.numbers |= {"question": number, "published": number}
    return found


@pytest.mark.faults("CMD1", "WEB11")
async def test_every_word_and_button_stands_in_the_table(matrix: Matrix) -> None:
    everything = [(command.words, declared(command)) for command in matrix.commands.all]
    assert everything == [(row.names, row.who) for row in rows(SAID)]
    clicks = {
        name: {str(role) for role in roles} or {"everybody"} for name, (roles, _) in matrix.commands.clicks.items()
    }
    assert clicks == {row.names[0]: row.who for row in rows(PRESSED)}


@pytest.mark.faults("CMD1", "CMD2", "CMD4", "CMD18")
async def test_who_may_do_what_with_whose_things(matrix: Matrix) -> None:
    wrong = []
    async with matrix.office.database.reading() as tx:
        speakers = {person: await matrix.office.speaker(tx, person) for person in (*ROLES, "admin")}
    for row in rows(SAID):
        for person, speaker in speakers.items():
            namesakes = [each for each in rows(SAID) if row.names[0] in each.names and each.admits(person)]
            there = matrix.commands.find(row.names[0], speaker, row.said) is not None
            assert there == bool(namesakes), (person, row.names)
    for row in rows(PRESSED):
        roles, _ = matrix.commands.clicks[row.names[0]]
        for person, speaker in speakers.items():
            assert (not roles or speaker.may(*roles)) == row.admits(person), (person, row.names)
    for kind, table in ((UpdateKind.TEXT, SAID), (UpdateKind.CLICK, PRESSED)):
        for row in rows(table):
            for person in speakers:
                if not row.about or not row.admits(person):
                    continue
                said = f"/{row.names[0]} {row.said}" if kind is UpdateKind.TEXT else f"{row.names[0]}:{row.said}"
                number = matrix.numbers[row.about]
                answer = await matrix.hears(person, kind, said.format(n=number))
                absent = await matrix.hears(person, kind, said.format(n=ABSENT))
                found = answer != absent.replace(str(ABSENT), str(number))
                if found != (person in MAY[row.about]):
                    wrong.append((person, said, answer[:60], absent[:60]))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_is_new_is_denied_until_the_table_knows_it() -> None:
    """The table is not a list of wishes: one word more, and it does not fit any more."""
    extra = Router()

    @extra.command("画饼", "pie")
    async def pie(_: Context, __: str) -> None: ...

    grown = Commands([extra])
    assert grown.all[0].words not in {row.names for row in rows(SAID)}
