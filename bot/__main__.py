"""`python -m bot …` is `branchbot …`."""

from bot.commands import main

if __name__ == "__main__":
    main()
