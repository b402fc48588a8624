"""Measures kazoo's recipes as it is told: see ../recipes/host.ts for the protocol, ../recipes/quorate-host.ts for the scenarios."""

import itertools
import json
import queue
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from kazoo.client import KazooClient

clients = {}
locks = {}
threads = ThreadPoolExecutor(max_workers=200)


def client(servers, index):
    key = (servers, index)
    if key not in clients:
        hosts = servers.split(",")
        clients[key] = KazooClient(hosts=hosts[index % len(hosts)], timeout=30)
        clients[key].start(timeout=20)
    return clients[key]


def lock(servers, index, path):
    key = (servers, index, path)
    if key not in locks:
        locks[key] = client(servers, index).Lock(path)
    return locks[key]


def cycles(servers, base, clients_count, locks_count, lanes, count):
    for index in range(clients_count):
        client(servers, index)
    numbers = itertools.count()
    latencies = [0.0] * count

    def lane(number):
        while (index := next(numbers)) < count:
            held = lock(servers, number % clients_count, f"{base}/lock-{index % locks_count}")
            start = time.perf_counter()
            held.acquire()
            held.release()
            latencies[index] = time.perf_counter() - start

    cpu, start = time.process_time(), time.perf_counter()
    list(threads.map(lane, range(lanes)))
    return measured(time.perf_counter() - start, time.process_time() - cpu, latencies)


class Candidate:
    """Takes part from a thread of its own; leads until told to resign."""

    def __init__(self, client, path):
        self.elected_at = None
        self.elected, self.resigned = threading.Event(), threading.Event()
        self.election = client.Election(path)
        self.thread = threading.Thread(target=self.election.run, args=(self.lead,), daemon=True)
        self.thread.start()

    def lead(self):
        self.elected_at = time.perf_counter()
        self.elected.set()
        self.resigned.wait()


def hand_overs(servers, base, count):
    path = f"{base}/election"
    leader = Candidate(client(servers, 0), path)
    leader.elected.wait()
    latencies = []
    cpu, begin = time.process_time(), time.perf_counter()
    for index in range(count):
        following = Candidate(client(servers, (index + 1) % 2), path)
        while len(client(servers, index % 2).get_children(path)) < 2:
            time.sleep(0.001)
        time.sleep(0.005)
        start = time.perf_counter()
        leader.resigned.set()
        following.elected.wait()
        latencies.append(following.elected_at - start)
        leader.thread.join()
        leader = following
    leader.resigned.set()
    leader.thread.join()
    return measured(time.perf_counter() - begin, time.process_time() - cpu, latencies)


def views(servers, base, count, instances):
    """ChildrenWatch and a get of each child: less than the others do, as nobody watches the data."""
    kazoo = client(servers, 0)
    path = f"{base}/orders"
    latencies = []
    cpu, begin = time.process_time(), time.perf_counter()
    for _ in range(count):
        view = {}
        start = time.perf_counter()

        def changed(children):
            asked = [(name, kazoo.get_async(f"{path}/{name}")) for name in children]
            view.update((name, reply.get()[0]) for name, reply in asked)
            return False

        kazoo.ChildrenWatch(path, changed)
        latencies.append(time.perf_counter() - start)
        if len(view) != instances:
            raise RuntimeError(f"{len(view)} instances of {instances}")
    return measured(time.perf_counter() - begin, time.process_time() - cpu, latencies)


def arrivals(servers, base, count):
    kazoo, other = client(servers, 0), client(servers, 1)
    path = f"{base}/orders"
    known, changes, is_over = set(), queue.Queue(), []

    def changed(children):
        if is_over:
            return False
        asked = [kazoo.get_async(f"{path}/{name}") for name in children if name not in known]
        for reply in asked:
            reply.get()
        known.clear()
        known.update(children)
        changes.put(time.perf_counter())

    kazoo.ChildrenWatch(path, changed)
    changes.get()
    latencies = []
    cpu, begin = time.process_time(), time.perf_counter()
    for _ in range(count):
        start = time.perf_counter()
        other.create(f"{path}/new", b'{"name":"orders","id":"new","address":"host","port":80}')
        latencies.append(changes.get() - start)
        other.delete(f"{path}/new")
        changes.get()
        time.sleep(0.002)
    result = measured(time.perf_counter() - begin, time.process_time() - cpu, latencies)
    is_over.append(True)
    return result


def fan_out(servers, base, sessions, count):
    path = f"{base}/config"
    writer = client(servers, 0)
    writer.ensure_path(path)
    seen, is_over = queue.Queue(), []

    def changed(data, stat):
        seen.put(data)
        return not is_over

    for index in range(sessions):
        client(servers, index + 1).DataWatch(path, changed)
    for _ in range(sessions):
        seen.get()
    latencies = []
    cpu, begin = time.process_time(), time.perf_counter()
    for index in range(count):
        start = time.perf_counter()
        writer.set(path, f"value {index}".ljust(100).encode())
        for _ in range(sessions):
            seen.get()
        latencies.append(time.perf_counter() - start)
        time.sleep(0.005)
    result = measured(time.perf_counter() - begin, time.process_time() - cpu, latencies)
    is_over.append(True)
    writer.set(path, b"")
    return result


def measured(elapsed, cpu, latencies):
    return {"elapsedMs": elapsed * 1e3, "cpuMs": cpu * 1e3, "latenciesUs": [latency * 1e6 for latency in latencies]}


commands = {"cycles": cycles, "handOvers": hand_overs, "views": views, "arrivals": arrivals, "fanOut": fan_out}

for line in sys.stdin:
    command, servers, base, *numbers = line.split()
    try:
        answer = commands[command](servers, base, *map(int, numbers))
    except Exception as failure:
        traceback.print_exc()
        answer = {"error": repr(failure)}
    print(json.dumps(answer), flush=True)
for each in clients.values():
    each.stop()
