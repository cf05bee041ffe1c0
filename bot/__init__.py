"""branchbot (支部助手): the machine. `docs/architecture.md` draws the rooms and what each may import."""
