"""Roster files: from bytes that a person picked to checked rows, nothing stored.

`read_roster` in `rows.py` is the door; every file is read by content, within limits that are checked first.
"""
