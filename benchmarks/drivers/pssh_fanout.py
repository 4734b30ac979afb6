"""The work of the benchmark on parallel-ssh: MODE PORT USER KEY KNOWN_HOSTS AT_ONCE PAYLOAD SENT HOST…

It checks no host key.
"""

import sys

from gevent import joinall
from pssh.clients import ParallelSSHClient

mode, port, user, key, _known_hosts, at_once, payload, sent, *hosts = sys.argv[1:]
client = ParallelSSHClient(hosts, user=user, port=int(port), pkey=key, pool_size=int(at_once), num_retries=1)

if mode == "push":
    copies = [{"local": payload, "remote": f"{sent}/parallel-ssh.{host}"} for host in hosts]
    joinall(client.copy_file("%(local)s", "%(remote)s", copy_args=copies), raise_error=True)
    print("\n".join(hosts))
else:
    for _ in range(10 if mode == "ten" else 1):
        for done in client.run_command("uname -r"):
            print(done.host, *done.stdout)
