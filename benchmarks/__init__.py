"""How fast it is, in ratios that travel from machine to machine: `python -m benchmarks`."""
