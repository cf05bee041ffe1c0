"""One unit of work: every store on one session. Whoever opened it commits it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from storage.accesses import AccessStore
from storage.ages import AgeStore
from storage.alarms import AlarmStore
from storage.answers import PendingAnswerStore
from storage.approvals import ApprovalStore
from storage.attachments import AttachmentStore
from storage.attention import AttentionStore
from storage.audiences import AudienceStore
from storage.audit import AuditStore
from storage.branches import BranchStore
from storage.budgets import BudgetStore
from storage.burdens import BurdenStore
from storage.calls import CallStore
from storage.chats import ChatStore
from storage.commitments import CommitmentStore
from storage.contents import ContentStore
from storage.deliveries import DeliveryStore
from storage.dialogues import DialogueStore
from storage.doubts import DoubtStore
from storage.entries import EntryStore
from storage.events import EventStore
from storage.evidence import EvidenceStore
from storage.exports import ExportStore
from storage.extent import ExtentStore
from storage.files import FileStore
from storage.forgotten import ForgottenStore
from storage.helping import HelpingStore
from storage.holders import HolderStore
from storage.idempotency import IdempotencyStore
from storage.inbox import InboxStore
from storage.instances import InstanceStore
from storage.items import ItemStore
from storage.keeping import KeepingStore
from storage.leases import LeaseStore
from storage.leaves import LeaveStore
from storage.lists import ListStore
from storage.meetings import MeetingStore
from storage.members import MemberStore
from storage.messages import MessageStore
from storage.outlines import OutlineStore
from storage.pacing import PacingStore
from storage.paper import PaperStore
from storage.persons import PersonStore
from storage.pictures import PictureStore
from storage.plans import PlanStore
from storage.polls import PollStore
from storage.posters import PosterStore
from storage.prepared import beside_the_loop
from storage.public_questions import PublicQuestionStore
from storage.publications import PublicationStore
from storage.pushes import PushStore
from storage.questions import QuestionStore
from storage.receipts import ReceiptStore
from storage.reminders import ReminderStore
from storage.residents import ResidentStore
from storage.responder_chats import ResponderChatStore
from storage.roads import RoadStore
from storage.scrubbing import ScrubStore
from storage.seals import SealStore
from storage.signups import SignupStore
from storage.snippets import SnippetStore
from storage.soundness import SoundnessStore
from storage.speaking import SpeakingStore
from storage.standing import StandingStore
from storage.ticks import TickStore
from storage.tokens import TokenStore
from storage.uploads import UploadStore
from storage.versions import VersionStore
from storage.waiting import WaitingStore
from storage.withdrawals import WithdrawalStore

Store = TypeVar("Store")

FEW = 32
"""Rows that any statement asks for, or changes, in no time."""


class _Made(Generic[Store]):
    """A store that is made when it is asked for: most transactions need a few of them."""

    def __init__(self, make: "Callable[[Transaction], Store]") -> None:
        self._make = make

    def __set_name__(self, _: "type[Transaction]", name: str) -> None:
        self._name = name

    def __get__(self, tx: "Transaction", _: "type[Transaction]") -> Store:
        store = self._make(tx)
        tx.__dict__[self._name] = store  # from now on it is found there
        return store


class Transaction:
    """The stores, sharing one transaction."""

    _session: AsyncSession
    announced: frozenset[str]

    branches = _Made(lambda tx: BranchStore(tx._session))
    members = _Made(lambda tx: MemberStore(tx._session))
    holders = _Made(lambda tx: HolderStore(tx._session))
    chats = _Made(lambda tx: ChatStore(tx._session))
    audiences = _Made(lambda tx: AudienceStore(tx._session))
    items = _Made(lambda tx: ItemStore(tx._session))
    deliveries = _Made(lambda tx: DeliveryStore(tx._session, tx.items))
    lists = _Made(lambda tx: ListStore(tx._session))
    leases = _Made(lambda tx: LeaseStore(tx._session))
    leaves = _Made(lambda tx: LeaveStore(tx._session))
    meetings = _Made(lambda tx: MeetingStore(tx._session))
    polls = _Made(lambda tx: PollStore(tx._session))
    signups = _Made(lambda tx: SignupStore(tx._session))
    receipts = _Made(lambda tx: ReceiptStore(tx._session))
    evidence = _Made(lambda tx: EvidenceStore(tx._session))
    paper = _Made(lambda tx: PaperStore(tx._session))
    helping = _Made(lambda tx: HelpingStore(tx._session))
    exports = _Made(lambda tx: ExportStore(tx._session))
    idempotency = _Made(lambda tx: IdempotencyStore(tx._session))
    events = _Made(lambda tx: EventStore(tx._session, tx.announced))
    reminders = _Made(lambda tx: ReminderStore(tx._session))
    contents = _Made(lambda tx: ContentStore(tx._session))
    messages = _Made(lambda tx: MessageStore(tx._session, tx.contents))
    pacing = _Made(lambda tx: PacingStore(tx._session))
    calls = _Made(lambda tx: CallStore(tx._session))
    tokens = _Made(lambda tx: TokenStore(tx._session))
    roads = _Made(lambda tx: RoadStore(tx._session))
    inbox = _Made(lambda tx: InboxStore(tx._session))
    dialogues = _Made(lambda tx: DialogueStore(tx._session))
    audit = _Made(lambda tx: AuditStore(tx._session))
    ticks = _Made(lambda tx: TickStore(tx._session))
    seals = _Made(lambda tx: SealStore(tx._session))
    snippets = _Made(lambda tx: SnippetStore(tx._session))
    answers = _Made(lambda tx: PendingAnswerStore(tx._session))
    attention = _Made(lambda tx: AttentionStore(tx._session))
    commitments = _Made(lambda tx: CommitmentStore(tx._session))
    posters = _Made(lambda tx: PosterStore(tx._session))
    publications = _Made(lambda tx: PublicationStore(tx._session))
    public_questions = _Made(lambda tx: PublicQuestionStore(tx._session))
    responder_chats = _Made(lambda tx: ResponderChatStore(tx._session))
    outlines = _Made(lambda tx: OutlineStore(tx._session))
    pushes = _Made(lambda tx: PushStore(tx._session, tx.deliveries))
    doubts = _Made(lambda tx: DoubtStore(tx._session))
    versions = _Made(lambda tx: VersionStore(tx._session))
    approvals = _Made(lambda tx: ApprovalStore(tx._session))
    withdrawals = _Made(lambda tx: WithdrawalStore(tx._session))
    residents = _Made(lambda tx: ResidentStore(tx._session))
    questions = _Made(lambda tx: QuestionStore(tx._session))
    entries = _Made(lambda tx: EntryStore(tx._session))
    scrubs = _Made(lambda tx: ScrubStore(tx._session))
    files = _Made(lambda tx: FileStore(tx._session))
    uploads = _Made(lambda tx: UploadStore(tx._session))
    attachments = _Made(lambda tx: AttachmentStore(tx._session))
    pictures = _Made(lambda tx: PictureStore(tx._session))
    plans = _Made(lambda tx: PlanStore(tx._session))
    burdens = _Made(lambda tx: BurdenStore(tx._session))
    budgets = _Made(lambda tx: BudgetStore(tx._session))
    instances = _Made(lambda tx: InstanceStore(tx._session))
    waiting = _Made(lambda tx: WaitingStore(tx._session))
    alarms = _Made(lambda tx: AlarmStore(tx._session))
    ages = _Made(lambda tx: AgeStore(tx._session))
    speaking = _Made(lambda tx: SpeakingStore(tx._session))
    standing = _Made(lambda tx: StandingStore(tx._session))
    soundness = _Made(lambda tx: SoundnessStore(tx._session))
    accesses = _Made(lambda tx: AccessStore(tx._session))
    keeping = _Made(lambda tx: KeepingStore(tx._session))
    forgotten = _Made(lambda tx: ForgottenStore(tx._session))
    extent = _Made(lambda tx: ExtentStore(tx._session))
    persons = _Made(lambda tx: PersonStore(tx._session))

    def __init__(self, session: AsyncSession, announced: frozenset[str] = frozenset()) -> None:
        """`announced` are the events that somebody listens to."""
        self._session = session
        self.announced = announced

    async def flush(self) -> None:
        """Gives new rows their ids."""
        await self._session.flush()

    @asynccontextmanager
    async def at_length(self, rows: int) -> AsyncIterator[None]:
        """Inside, statements about so many rows may take longer than the loop may stand, also where the others may not.

        About a `FEW` they never do.
        """
        if rows <= FEW:
            yield
            return
        with beside_the_loop(self._session):
            yield

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What happens inside is undone together when it raises; the transaction goes on."""
        async with self._session.begin_nested():
            # Else it begins with the first statement that the session runs itself, and prepared ones pass it by.
            await self._session.connection()
            yield
