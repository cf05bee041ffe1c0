"""A counter is told as Prometheus tells its own."""

from prometheus_client import CollectorRegistry, Counter, generate_latest

from bot.counting import Counts


def test_the_same_as_prometheus_own() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    own = Counter("came", "What came", ["road", "result"], registry=theirs)
    counts = Counts("came", "What came", ["road", "result"], ours)
    for road, result in (("app", "stored"), ("app", "late"), ("app", "stored"), ("group", "stored")):
        own.labels(road, result).inc()
        counts.labels(road, result).inc()
    told = [line for line in generate_latest(theirs).splitlines() if b"_created" not in line]
    assert generate_latest(ours).splitlines() == told
