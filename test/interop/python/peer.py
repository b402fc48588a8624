"""Runs kazoo's recipes as it is told, one JSON object a line: {"id": 1, "actor": "a", "command": "lock.acquire", "args": ["/lock", "1"]}
is answered by {"id": 1, "result": true} or {"id": 1, "error": "..."}. Each actor is a thread with a session of its own. The end of the
input ends every session and the process.
"""
import json
import queue
import sys
import threading
import traceback

from actor import Actor

output_lock = threading.Lock()


def answer(reply):
    with output_lock:
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


def work(requests):
    actor = Actor()
    for request in iter(requests.get, None):
        try:
            result = actor.run(request["command"], request["args"])
            answer({"id": request["id"], "result": result})
        except Exception as error:
            traceback.print_exc()
            answer({"id": request["id"], "error": repr(error)})
    actor.close()


def main():
    actors = {}
    for line in sys.stdin:
        request = json.loads(line)
        name = request["actor"]
        if name not in actors:
            requests = queue.Queue()
            thread = threading.Thread(target=work, args=(requests,), daemon=True)
            thread.start()
            actors[name] = (requests, thread)
        actors[name][0].put(request)
    for requests, _ in actors.values():
        requests.put(None)
    for _, thread in actors.values():
        thread.join(5)


main()
