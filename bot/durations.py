"""How long something took, counted for Prometheus where it happens for every request."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import HistogramMetricFamily
from prometheus_client.registry import Collector


class Durations(Collector):
    """A histogram in seconds that one thread counts, without the locks of Prometheus' own: a tenth of the time.

    `bounds` are the upper ends of its buckets, rising; one without an end follows them.
    """

    def __init__(self, name: str, words: str, bounds: Sequence[float], registry: CollectorRegistry) -> None:
        self._name, self._words, self._bounds = name, words, tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0
        registry.register(self)

    def observe(self, seconds: float) -> None:
        """One more."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self._sum += seconds

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """For the registry: what stands below each bound, those below the former ones included."""
        ends = [*map(str, map(float, self._bounds)), "+Inf"]
        below = list(zip(ends, map(float, accumulate(self._counts)), strict=True))
        yield HistogramMetricFamily(self._name, self._words, buckets=below, sum_value=self._sum)
