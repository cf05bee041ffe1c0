"""The body of a callback, read with a limit and within a time."""

import asyncio
from datetime import timedelta

from aiohttp import web

MAX_BODY = 256 * 1024
READ_WITHIN = timedelta(seconds=3)


async def read_body(request: web.Request, *, limit: int = MAX_BODY, within: timedelta = READ_WITHIN) -> bytes:
    """The whole body. Raises 413 for more than `limit` bytes and 408 for a slow sender; the connection then ends."""
    if (request.content_length or 0) > limit:
        raise _closing(web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=request.content_length or 0, text=""))
    if request.content.is_eof():  # all of it came with the headers, as a callback does: nothing to wait for
        whole = request.content.read_nowait()
        if len(whole) > limit:
            raise _closing(web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=len(whole), text=""))
        return whole
    body = bytearray()
    try:
        async with asyncio.timeout(within.total_seconds()):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limit:
                    raise _closing(web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=len(body), text=""))
    except TimeoutError:
        raise _closing(web.HTTPRequestTimeout(text="")) from None
    return bytes(body)


def _closing(error: web.HTTPException) -> web.HTTPException:
    error.force_close()
    return error
