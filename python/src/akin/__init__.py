"""akin finds pictures that look alike, and shows what "alike" means to each vision model.

    import akin

    with akin.open("flags.akin") as c:
        c.index("flags/")
        for hit in c.search("Chad", top=5):
            print(hit.name, hit.score)

All work is done by akin's program, which this package starts and stops; see `open`, and `connect` for a server that
runs already. `akin.aio` has the same for asyncio.
"""

from . import aio, records
from ._embeddings import Embeddings
from ._errors import BusyError, CancelledError, Error, ForbiddenError, InvalidError, NotFoundError, ProgramError
from ._query import Query, like, text
from ._sync import Collection, Server, connect, open

__all__ = [
    "BusyError", "CancelledError", "Collection", "Embeddings", "Error", "ForbiddenError", "InvalidError", "NotFoundError",
    "ProgramError", "Query", "Server", "aio", "connect", "like", "open", "records", "text",
]  # fmt: skip

for _error in (BusyError, CancelledError, Error, ForbiddenError, InvalidError, NotFoundError, ProgramError):
    _error.__module__ = "akin"  # as tracebacks name them, and as they are caught
