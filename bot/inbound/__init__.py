"""From webhook, socket or browser to handler: store, find who speaks, find what they want, commit once, answer."""
