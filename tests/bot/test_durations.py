"""A histogram is told as Prometheus tells its own."""

from prometheus_client import CollectorRegistry, Histogram, generate_latest

from bot.durations import Durations

BOUNDS = (0.01, 0.1, 1)


def test_the_same_as_prometheus_own() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    own = Histogram("took_seconds", "How long", buckets=BOUNDS, registry=theirs)
    durations = Durations("took_seconds", "How long", BOUNDS, ours)
    for seconds in (0.001, 0.01, 0.05, 0.5, 0.5, 7):
        own.observe(seconds)
        durations.observe(seconds)
    told = [line for line in generate_latest(theirs).splitlines() if b"_created" not in line]
    assert generate_latest(ours).splitlines() == told
