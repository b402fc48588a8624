import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.locks.Revoker;

/** InterProcessMutex, InterProcessReadWriteLock, InterProcessSemaphoreV2. */
final class Locks {
    private Locks() {}

    static void addTo(Actor actor) {
        actor.on("mutex.acquire", args -> mutex(actor, args.text(0)).acquire(args.number(1), TimeUnit.MILLISECONDS));
        actor.on("mutex.release", args -> {
            mutex(actor, args.text(0)).release();
            return null;
        });
        actor.on("mutex.participants", args -> List.copyOf(mutex(actor, args.text(0)).getParticipantNodes()));
        actor.on("mutex.makeRevocable", args -> {
            AtomicInteger asked = actor.recipe("revocations", args.text(0), client -> new AtomicInteger());
            mutex(actor, args.text(0)).makeRevocable(lock -> asked.incrementAndGet());
            return null;
        });
        actor.on("mutex.revocations", args -> actor.<AtomicInteger>recipe("revocations", args.text(0)).get());
        actor.on("mutex.revoke", args -> {
            Revoker.attemptRevoke(actor.client(), args.text(0));
            return null;
        });
        actor.on("mutex.contend", args -> contend(actor, args.text(0), Path.of(args.text(1)), args.number(2)));

        actor.on("rw.acquire", args -> side(actor, args.text(0), args.text(1)).acquire(args.number(2), TimeUnit.MILLISECONDS));
        actor.on("rw.release", args -> {
            side(actor, args.text(0), args.text(1)).release();
            return null;
        });

        actor.on("semaphore.acquire", args -> {
            InterProcessSemaphoreV2 semaphore = new InterProcessSemaphoreV2(actor.client(), args.text(0), args.number(1));
            Lease lease = semaphore.acquire(args.number(2), TimeUnit.MILLISECONDS);
            if (lease != null) actor.recipe("lease", args.text(0), client -> lease);
            return lease != null;
        });
        actor.on("semaphore.release", args -> actor.end("lease", args.text(0)));
    }

    private static InterProcessMutex mutex(Actor actor, String path) throws Exception {
        return actor.recipe("mutex", path, client -> new InterProcessMutex(client, path));
    }

    private static InterProcessMutex side(Actor actor, String path, String name) throws Exception {
        InterProcessReadWriteLock lock = actor.recipe("rw", path, client -> new InterProcessReadWriteLock(client, path));
        return name.equals("read") ? lock.readLock() : lock.writeLock();
    }

    /**
     * The work of test/processes/lock-worker.ts on the same files: while holding the lock, adds one to the counter file inside a marker file
     * that must not exist yet.
     */
    private static Object contend(Actor actor, String path, Path directory, int holds) throws Exception {
        Path marker = directory.resolve("holder");
        Path counter = directory.resolve("counter");
        InterProcessMutex mutex = new InterProcessMutex(actor.client(), path);
        int overlaps = 0;
        for (int hold = 0; hold < holds; hold++) {
            if (!mutex.acquire(60, TimeUnit.SECONDS)) throw new IOException("no turn within a minute");
            try {
                try {
                    Files.createFile(marker);
                } catch (FileAlreadyExistsException heldByAnother) {
                    overlaps++;
                }
                int count = Integer.parseInt(Files.readString(counter).trim()) + 1;
                Thread.sleep(1);
                Files.writeString(counter, Integer.toString(count));
                Files.writeString(
                    directory.resolve("holds.jsonl"),
                    "{\"worker\":\"curator\",\"count\":" + count + "}\n",
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } finally {
                Files.deleteIfExists(marker);
                mutex.release();
            }
        }
        return Map.of("holds", holds, "overlaps", overlaps);
    }
}
