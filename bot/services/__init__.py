"""What the bot can do: one module per noun, one function per use case.

A service is a plain async function: the transaction first, keyword arguments after, `now` given, rows or values
returned. It never commits and never knows where a request came from.
"""
