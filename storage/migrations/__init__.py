"""The schema's history, and the three things one does with it: read the version, compare, upgrade."""
