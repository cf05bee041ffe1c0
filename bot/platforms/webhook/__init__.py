"""Other systems that want to hear what happens: signed requests to their addresses."""
