"""How often something happened, counted for Prometheus where it happens for every request."""

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector


class Count:
    """So often with one set of labels."""

    __slots__ = ("n",)

    def __init__(self) -> None:
        self.n = 0

    def inc(self) -> None:
        """Once more."""
        self.n += 1


class Counts(Collector):
    """A counter with labels that one thread counts, without the locks of Prometheus' own: a tenth of the time."""

    def __init__(self, name: str, words: str, labels: Sequence[str], registry: CollectorRegistry) -> None:
        self._name, self._words, self._labelnames = name, words, tuple(labels)
        self._counts: dict[tuple[str, ...], Count] = {}
        registry.register(self)

    def labels(self, *values: str) -> Count:
        """Those with these labels, in the order of their names."""
        return self._counts.setdefault(values, Count())

    def collect(self) -> Iterator[CounterMetricFamily]:
        """For the registry."""
        family = CounterMetricFamily(self._name, self._words, labels=self._labelnames)
        for values, count in self._counts.items():
            family.add_metric(values, count.n)
        yield family
