"""The work of the benchmark on fabric: MODE PORT USER KEY KNOWN_HOSTS AT_ONCE PAYLOAD SENT HOST…

The known_hosts file is the one of the home directory, which fabric always reads; its group has no bound on threads.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

from fabric import Connection, ThreadingGroup

mode, port, user, key, _known_hosts, at_once, payload, sent, *hosts = sys.argv[1:]
links = [Connection(host, user, int(port), connect_kwargs={"key_filename": key}) for host in hosts]
group = ThreadingGroup.from_connections(links)

if mode == "push":
    # The group's own put gives all hosts one name for the file.
    with ThreadPoolExecutor(int(at_once)) as pool:
        for done in pool.map(lambda link: link.put(payload, f"{sent}/fabric.{link.host}"), links):
            print(done.connection.host)
else:
    for _ in range(10 if mode == "ten" else 1):
        for link, done in group.run("uname -r", hide=True).items():
            print(link.host, done.stdout.strip())
group.close()
