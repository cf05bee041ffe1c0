"""One unit of work: every store on one session. Whoever opened it commits it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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


class Transaction:
    """The stores, sharing one transaction."""

    def __init__(self, session: AsyncSession, announced: frozenset[str] = frozenset()) -> None:
        """`announced` are the events that somebody listens to."""
        self._session = session
        self.branches = BranchStore(session)
        self.members = MemberStore(session)
        self.holders = HolderStore(session)
        self.chats = ChatStore(session)
        self.audiences = AudienceStore(session)
        self.items = ItemStore(session)
        self.deliveries = DeliveryStore(session, self.items)
        self.lists = ListStore(session)
        self.leases = LeaseStore(session)
        self.leaves = LeaveStore(session)
        self.meetings = MeetingStore(session)
        self.polls = PollStore(session)
        self.signups = SignupStore(session)
        self.receipts = ReceiptStore(session)
        self.evidence = EvidenceStore(session)
        self.paper = PaperStore(session)
        self.helping = HelpingStore(session)
        self.exports = ExportStore(session)
        self.idempotency = IdempotencyStore(session)
        self.events = EventStore(session, announced)
        self.reminders = ReminderStore(session)
        self.contents = ContentStore(session)
        self.messages = MessageStore(session, self.contents)
        self.pacing = PacingStore(session)
        self.calls = CallStore(session)
        self.tokens = TokenStore(session)
        self.roads = RoadStore(session)
        self.inbox = InboxStore(session)
        self.dialogues = DialogueStore(session)
        self.audit = AuditStore(session)
        self.ticks = TickStore(session)
        self.seals = SealStore(session)
        self.snippets = SnippetStore(session)
        self.answers = PendingAnswerStore(session)
        self.attention = AttentionStore(session)
        self.commitments = CommitmentStore(session)
        self.posters = PosterStore(session)
        self.publications = PublicationStore(session)
        self.public_questions = PublicQuestionStore(session)
        self.responder_chats = ResponderChatStore(session)
        self.pushes = PushStore(session, self.deliveries)
        self.doubts = DoubtStore(session)
        self.versions = VersionStore(session)
        self.approvals = ApprovalStore(session)
        self.withdrawals = WithdrawalStore(session)
        self.residents = ResidentStore(session)
        self.questions = QuestionStore(session)
        self.entries = EntryStore(session)
        self.scrubs = ScrubStore(session)
        self.files = FileStore(session)
        self.uploads = UploadStore(session)
        self.attachments = AttachmentStore(session)
        self.pictures = PictureStore(session)
        self.plans = PlanStore(session)
        self.burdens = BurdenStore(session)
        self.budgets = BudgetStore(session)
        self.instances = InstanceStore(session)
        self.waiting = WaitingStore(session)
        self.alarms = AlarmStore(session)
        self.ages = AgeStore(session)
        self.speaking = SpeakingStore(session)
        self.standing = StandingStore(session)
        self.soundness = SoundnessStore(session)
        self.accesses = AccessStore(session)
        self.keeping = KeepingStore(session)
        self.forgotten = ForgottenStore(session)
        self.persons = PersonStore(session)

    async def flush(self) -> None:
        """Gives new rows their ids."""
        await self._session.flush()

    @asynccontextmanager
    async def at_length(self) -> AsyncIterator[None]:
        """Inside, statements may take longer than the loop may stand, also where the others may not."""
        with beside_the_loop(self._session):
            yield

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What happens inside is undone together when it raises; the transaction goes on."""
        async with self._session.begin_nested():
            # Else it begins with the first statement that the session runs itself, and prepared ones pass it by.
            await self._session.connection()
            yield
