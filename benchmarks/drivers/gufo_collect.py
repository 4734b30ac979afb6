"""The work of the benchmark on gufo-snmp: PORT OIDS HOST…, ten objects of each agent, a hundred agents at once."""

import asyncio
import sys

from gufo.snmp import SnmpVersion
from gufo.snmp.aio import SnmpSession

port, oids, *hosts = sys.argv[1:]
names = oids.split(",")
gate = asyncio.Semaphore(100)


async def read(host: str) -> int:
    async with gate, SnmpSession(addr=host, port=int(port), community="public", version=SnmpVersion.v2c) as session:
        return len(await session.get_many(names))


async def main() -> None:
    found = await asyncio.gather(*map(read, hosts))
    print(sum(found))


asyncio.run(main())
