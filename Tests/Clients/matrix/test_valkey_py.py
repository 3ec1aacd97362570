"""valkey-py, the fork of redis-py: RESP2 and RESP3, its own parser and libvalkey, blocking and asyncio."""

import valkey
import valkey.asyncio
from valkey._parsers import _LibvalkeyParser, _RESP3Parser

from peer import AsyncDaemonTest, DaemonTest
from redis_py_jobs import AsyncJobs, Jobs


class ValkeyPy(Jobs):
    module = valkey
    client_class = valkey.Valkey


class Resp2WithLibvalkey(ValkeyPy, DaemonTest):
    options = {"protocol": 2, "parser_class": _LibvalkeyParser}


class Resp3WithItsOwnParser(ValkeyPy, DaemonTest):
    options = {"protocol": 3, "parser_class": _RESP3Parser}


class AsyncResp3(AsyncJobs, AsyncDaemonTest):
    asyncio_class = valkey.asyncio.Valkey
    options = {"protocol": 3}
