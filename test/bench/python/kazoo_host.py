"""Measures kazoo's recipes as it is told: see ../recipes/host.ts for the protocol, ../recipes/quorate-host.ts for the scenarios."""

import itertools
import json
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


def measured(elapsed, cpu, latencies):
    return {"elapsedMs": elapsed * 1e3, "cpuMs": cpu * 1e3, "latenciesUs": [latency * 1e6 for latency in latencies]}


commands = {"cycles": cycles, "handOvers": hand_overs}

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
