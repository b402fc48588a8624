import threading

from kazoo.client import KazooClient
from kazoo.exceptions import LockTimeout
from kazoo.recipe.cache import TreeCache
from kazoo.security import make_acl, make_digest_acl


class Actor:
    """One of kazoo's clients, the recipes it has in use, and the commands for them: the command "lock.acquire" is the method lock_acquire.
    Used by one thread only.
    """

    def __init__(self):
        self.client = None
        self.recipes = {}

    def run(self, command, args):
        return getattr(self, command.replace(".", "_"))(*args)

    def recipe(self, kind, path, make):
        """The recipe in use under this kind and path, made at its first mention."""
        key = (kind, path)
        if key not in self.recipes:
            self.recipes[key] = make()
        return self.recipes[key]

    # The session

    def connect(self, hosts, digest=None):
        auth = [("digest", digest)] if digest else None
        self.client = KazooClient(hosts=hosts, timeout=8, auth_data=auth)
        self.client.start(timeout=20)

    def session(self):
        return "%x" % self.client.client_id[0]

    def session_kill(self):
        """Ends the session at the server behind the client's back: a second connection takes it over and closes it."""
        hosts = ",".join("%s:%d" % host for host in self.client.hosts)
        thief = KazooClient(hosts=hosts, timeout=8, client_id=self.client.client_id)
        thief.start(timeout=20)
        thief.stop()
        thief.close()

    def close(self):
        if self.client is not None:
            self.client.stop()
            self.client.close()
            self.client = None

    # Locks

    def lock(self, path, identifier=None, pattern=None):
        patterns = [pattern] if pattern else []
        return self.recipe("lock", path, lambda: self.client.Lock(path, identifier, extra_lock_patterns=patterns))

    def lock_start(self, path, identifier, pattern=None):
        self.lock(path, identifier, pattern)

    def lock_acquire(self, path, seconds):
        return self.acquired(self.lock(path), seconds)

    def lock_try(self, path):
        return self.lock(path).acquire(blocking=False)

    def lock_release(self, path):
        return self.lock(path).release()

    def lock_contenders(self, path):
        return self.lock(path).contenders()

    def read_acquire(self, path, seconds):
        return self.acquired(self.recipe("read", path, lambda: self.client.ReadLock(path)), seconds)

    def read_release(self, path):
        return self.recipes["read", path].release()

    def write_acquire(self, path, seconds):
        return self.acquired(self.recipe("write", path, lambda: self.client.WriteLock(path)), seconds)

    def write_release(self, path):
        return self.recipes["write", path].release()

    def semaphore_acquire(self, path, leases, seconds):
        semaphore = self.recipe("semaphore", path, lambda: self.client.Semaphore(path, max_leases=int(leases)))
        return self.acquired(semaphore, seconds)

    def semaphore_release(self, path):
        return self.recipes["semaphore", path].release()

    @staticmethod
    def acquired(lock, seconds):
        try:
            return lock.acquire(timeout=float(seconds))
        except LockTimeout:
            return False

    # Contention: see support/register.ts, which reads what is written meanwhile

    def lock_register(self, path, register, name, holds, pattern):
        lock = self.client.Lock(path, name, extra_lock_patterns=[pattern])
        for _ in range(int(holds)):
            lock.acquire(timeout=240)
            try:
                self.write(register, name)
            finally:
                lock.release()

    def election_register(self, path, register, name, terms, pattern):
        election = self.client.Election(path, name)
        # An election knows no other names by itself.
        election.lock = self.client.Lock(path, name, extra_lock_patterns=[pattern])
        for _ in range(int(terms)):
            election.run(self.write, register, name)

    def write(self, register, name):
        self.note(register, name + " write")
        count = int(self.client.get(register)[0])
        self.client.set(register, str(count + 1).encode())
        self.note(register, name + " end")

    def note(self, register, words):
        self.client.create(register + "/n-", words.encode(), sequence=True)

    # Elections

    def election_start(self, path, identifier):
        """Takes part from a thread of its own; leads until told to resign."""
        elected, resigned = threading.Event(), threading.Event()

        def lead():
            elected.set()
            resigned.wait()

        election = self.client.Election(path, identifier)
        thread = threading.Thread(target=election.run, args=(lead,), daemon=True)
        thread.start()
        self.recipes["election", path] = (election, elected, resigned, thread)

    def election_await(self, path, seconds):
        return self.recipes["election", path][1].wait(float(seconds))

    def election_contenders(self, path):
        return self.recipes["election", path][0].contenders()

    def election_resign(self, path):
        _, _, resigned, thread = self.recipes["election", path]
        resigned.set()
        thread.join(20)
        return not thread.is_alive()

    # Barriers, counters, queues, parties

    def barrier_create(self, path):
        self.client.Barrier(path).create()

    def barrier_wait(self, path, seconds):
        return self.client.Barrier(path).wait(float(seconds))

    def barrier_remove(self, path):
        return self.client.Barrier(path).remove()

    def gate_enter(self, path, members):
        gate = self.recipe("gate", path, lambda: self.client.DoubleBarrier(path, int(members)))
        gate.enter()
        return gate.participating

    def gate_leave(self, path):
        self.recipes["gate", path].leave()

    def counter_add(self, path, amount, layout="kazoo"):
        counter = self.recipe("counter", path, lambda: self.client.Counter(path, support_curator=layout == "curator"))
        counter += int(amount)
        return [counter.pre_value, counter.post_value]

    def queue_put(self, path, value):
        self.client.Queue(path).put(value.encode())

    def queue_get(self, path):
        value = self.client.Queue(path).get()
        return value and value.decode()

    def party_join(self, path, identifier):
        self.recipe("party", path, lambda: self.client.Party(path, identifier)).join()

    def party_members(self, path):
        return sorted(self.recipes["party", path])

    def party_leave(self, path):
        self.recipes["party", path].leave()

    # Watches

    def watch_data(self, path):
        seen = self.recipe("data", path, list)
        self.client.DataWatch(path, lambda data, stat: seen.append(data and data.decode()))

    def watch_children(self, path):
        seen = self.recipe("children", path, list)
        self.client.ChildrenWatch(path, lambda names: seen.append(sorted(names)))

    def watch_seen(self, kind, path):
        return list(self.recipes[kind, path])

    def tree_start(self, path):
        self.recipe("tree", path, lambda: TreeCache(self.client, path)).start()

    def tree_data(self, path, node):
        found = self.recipes["tree", path].get_data(node)
        return found and found.data.decode()

    def tree_close(self, path):
        self.recipes.pop(("tree", path)).close()

    # Transactions and access

    def transaction(self, *steps):
        """Each step: "create PATH DATA", "set PATH DATA", "check PATH VERSION" or "delete PATH"."""
        transaction = self.client.transaction()
        for step in steps:
            verb, path, *rest = step.split(" ")
            if verb == "create":
                transaction.create(path, rest[0].encode())
            elif verb == "set":
                transaction.set_data(path, rest[0].encode())
            elif verb == "check":
                transaction.check(path, int(rest[0]))
            else:
                transaction.delete(path)
        return [type(result).__name__ if isinstance(result, Exception) else "ok" for result in transaction.commit()]

    def create_guarded(self, path, data, user, password):
        """Readable by everyone, everything else by the user alone."""
        acl = [make_digest_acl(user, password, all=True), make_acl("world", "anyone", read=True)]
        self.client.create(path, data.encode(), acl=acl)

    def acl(self, path):
        acls, stat = self.client.get_acls(path)
        return [[entry.perms, entry.id.scheme, entry.id.id] for entry in acls], stat.aversion

    def set_acl_open(self, path):
        self.client.set_acls(path, [make_acl("world", "anyone", all=True)], version=0)

    def add_auth(self, credential):
        return self.client.add_auth("digest", credential)

    def get(self, path):
        data, stat = self.client.get(path)
        return [data.decode(), stat.version]

    def set(self, path, data, version):
        return self.client.set(path, data.encode(), int(version)).version

    def outcome(self, command, *args):
        """The name of the error the command raised, or "ok"."""
        try:
            self.run(command, args)
            return "ok"
        except Exception as error:
            return type(error).__name__

    def sync(self, path):
        return self.client.sync(path)

    def delete_all(self, path):
        self.client.delete(path, recursive=True)
