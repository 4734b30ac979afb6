"""The work of the benchmark on asyncssh: MODE PORT USER KEY KNOWN_HOSTS AT_ONCE PAYLOAD SENT HOST…"""

import asyncio
import sys

import asyncssh

mode, port, user, key, known_hosts, at_once, payload, sent, *hosts = sys.argv[1:]
commands = 10 if mode == "ten" else 1


async def work(host: str, slots: asyncio.Semaphore) -> None:
    async with slots:
        link = await asyncssh.connect(host, int(port), username=user, client_keys=[key], known_hosts=known_hosts)
        async with link:
            if mode == "push":
                async with link.start_sftp_client() as sftp:
                    await sftp.put(payload, f"{sent}/asyncssh.{host}")
                print(host)
                return
            for _ in range(commands):
                done = await link.run("uname -r", check=True)
                print(host, done.stdout.strip())


async def main() -> None:
    slots = asyncio.Semaphore(int(at_once))
    await asyncio.gather(*(work(host, slots) for host in hosts))


asyncio.run(main())
