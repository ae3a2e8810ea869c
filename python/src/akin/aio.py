"""The same for asyncio:

    async with await akin.aio.open("flags.akin") as c:
        result = await c.search("Chad", top=5)
"""

from ._async import Collection, Server, connect, open

__all__ = ["Collection", "Server", "connect", "open"]
