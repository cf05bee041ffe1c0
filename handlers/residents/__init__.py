"""What residents can say to the official account. `bot/rules/resident_words.py` tells commands from questions."""
