"""The work of the benchmark on fabric: MODE PORT USER KEY KNOWN_HOSTS AT_ONCE PAYLOAD SENT HOST…

The known_hosts file is the one of the home directory, which fabric always reads; its group has no bound on threads.
"""

import sys

from fabric import Connection, ThreadingGroup

mode, port, user, key, _known_hosts, _at_once, payload, sent, *hosts = sys.argv[1:]
links = [Connection(host, user, int(port), connect_kwargs={"key_filename": key}) for host in hosts]
group = ThreadingGroup.from_connections(links)

if mode == "push":
    for link in group.put(payload, remote=f"{sent}/fabric.{{host}}"):
        print(link.host)
else:
    for _ in range(10 if mode == "ten" else 1):
        for link, done in group.run("uname -r", hide=True).items():
            print(link.host, done.stdout.strip())
group.close()
