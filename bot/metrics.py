"""What is counted, for Prometheus: never a name, an id of a person or a word."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.counting import Counts
from bot.durations import Durations

REGISTRY = CollectorRegistry()

CALLBACKS = Counts(
    "branchbot_callbacks", "Callbacks from platforms by what became of them", ["platform", "result"], registry=REGISTRY
)
CALLBACK_SECONDS = Durations(
    "branchbot_callback_seconds",
    "From a callback's arrival to its answer",
    bounds=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
CALLS = Counter(
    "branchbot_calls", "Requests to platforms by outcome", ["platform", "api", "verdict"], registry=REGISTRY
)
MESSAGES = Gauge("branchbot_messages", "Messages that are not settled", ["phase"], registry=REGISTRY)
INBOX = Gauge("branchbot_inbox", "Updates that are not done", ["state"], registry=REGISTRY)
OLDEST_DUE_SECONDS = Gauge("branchbot_oldest_due_seconds", "How long the oldest due message waits", registry=REGISTRY)
TICKS = Counter("branchbot_ticks", "Runs of periodic work by result", ["job", "result"], registry=REGISTRY)
SOCKET_CONNECTED = Gauge("branchbot_socket_connected", "Whether the group bot is connected", registry=REGISTRY)
PAGES = Counter("branchbot_pages", "Item pages by result", ["result"], registry=REGISTRY)
AGE_SECONDS = Gauge(
    "branchbot_age_seconds", "How long ago, or since when the oldest of its kind waits", ["of"], registry=REGISTRY
)
FINDINGS = Gauge("branchbot_findings", "What the auditor found wrong at its last look", ["key"], registry=REGISTRY)
AUDITED = Gauge("branchbot_audited_timestamp_seconds", "When the auditor last looked", registry=REGISTRY)
UNSOUND = Gauge("branchbot_unsound_items", "Open items that break a rule", ["rule"], registry=REGISTRY)
SKEW_SECONDS = Gauge("branchbot_clock_skew_seconds", "Another's clock less ours", ["of"], registry=REGISTRY)
DISK_FREE_BYTES = Gauge("branchbot_disk_free_bytes", "What is left on a folder's disk", ["folder"], registry=REGISTRY)
HEARTBEATS = Counter("branchbot_heartbeats", "Signs of life to the outside by result", ["result"], registry=REGISTRY)
LOOP_STALL_SECONDS = Histogram(
    "branchbot_loop_stall_seconds",
    "How long the event loop stood still, each time it was more than 50 ms",
    buckets=(0.1, 0.2, 0.5, 1, 2, 5),
    registry=REGISTRY,
)
LIMITED = Counter("branchbot_limited", "Requests turned away for coming too fast", ["where"], registry=REGISTRY)
