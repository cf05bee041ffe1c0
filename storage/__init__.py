"""What the bot remembers: one module per noun, its table and its store.

Stores flush when they need an id; they never commit.
"""
