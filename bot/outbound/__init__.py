"""From queued message to platform: choose, look again, freeze, send, record.

No transaction is open during a request.
"""
