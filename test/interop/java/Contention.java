import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.zookeeper.CreateMode;

/** Holds again and again. What is done meanwhile is safe only if nobody else holds: see support/register.ts, which reads it. */
final class Contention {
    private static final long PATIENTLY_SECONDS = 240;

    private Contention() {}

    static void addTo(Actor actor) {
        actor.on("mutex.register", args -> {
            InterProcessMutex mutex = new InterProcessMutex(actor.client(), args.text(0));
            for (int hold = 0; hold < args.number(3); hold++) {
                acquire(mutex);
                try {
                    write(actor.client(), args.text(1), args.text(2));
                } finally {
                    mutex.release();
                }
            }
            return null;
        });
        actor.on("rw.register", args -> {
            InterProcessReadWriteLock lock = new InterProcessReadWriteLock(actor.client(), args.text(0));
            for (int hold = 0; hold < args.number(3); hold++) {
                acquire(lock.readLock());
                try {
                    read(actor.client(), args.text(1), args.text(2));
                } finally {
                    lock.readLock().release();
                }
                acquire(lock.writeLock());
                try {
                    write(actor.client(), args.text(1), args.text(2));
                } finally {
                    lock.writeLock().release();
                }
            }
            return null;
        });
        actor.on("latch.register", args -> {
            for (int term = 0; term < args.number(3); term++) {
                try (LeaderLatch latch = new LeaderLatch(actor.client(), args.text(0), args.text(2))) {
                    latch.start();
                    if (!latch.await(PATIENTLY_SECONDS, TimeUnit.SECONDS)) throw new IllegalStateException("never led");
                    write(actor.client(), args.text(1), args.text(2));
                }
            }
            return null;
        });
    }

    private static void acquire(InterProcessMutex lock) throws Exception {
        if (!lock.acquire(PATIENTLY_SECONDS, TimeUnit.SECONDS)) throw new IllegalStateException("no turn within four minutes");
    }

    private static void write(CuratorFramework client, String register, String name) throws Exception {
        note(client, register, name + " write");
        int count = Integer.parseInt(new String(client.getData().forPath(register), StandardCharsets.UTF_8));
        client.setData().forPath(register, Integer.toString(count + 1).getBytes(StandardCharsets.UTF_8));
        note(client, register, name + " end");
    }

    private static void read(CuratorFramework client, String register, String name) throws Exception {
        note(client, register, name + " read");
        client.getData().forPath(register);
        note(client, register, name + " end");
    }

    private static void note(CuratorFramework client, String register, String words) throws Exception {
        client.create().withMode(CreateMode.PERSISTENT_SEQUENTIAL).forPath(register + "/n-", words.getBytes(StandardCharsets.UTF_8));
    }
}
