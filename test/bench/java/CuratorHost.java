import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.ExponentialBackoffRetry;

/** Measures Curator's recipes as it is told: see ../recipes/host.ts for the protocol, ../recipes/quorate-host.ts for the scenarios. */
public final class CuratorHost {
    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final Map<String, CuratorFramework> CLIENTS = new ConcurrentHashMap<>();
    private static final Map<String, InterProcessMutex> MUTEXES = new ConcurrentHashMap<>();
    private static final ExecutorService THREADS = Executors.newCachedThreadPool();

    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            try {
                System.out.println(run(words));
            } catch (Throwable failure) {
                failure.printStackTrace();
                System.out.println("{\"error\":\"" + failure.toString().replaceAll("[\"\\\\\n]", " ") + "\"}");
            }
        }
        CLIENTS.values().forEach(CuratorFramework::close);
        System.exit(0);
    }

    private static String run(String[] words) throws Exception {
        String servers = words[1];
        String base = words[2];
        int[] numbers = Arrays.stream(words, 3, words.length).mapToInt(Integer::parseInt).toArray();
        return switch (words[0]) {
            case "cycles" -> cycles(servers, base, numbers[0], numbers[1], numbers[2], numbers[3]);
            case "handOvers" -> handOvers(servers, base, numbers[0]);
            case "views" -> CuratorViews.views(servers, base, numbers[0], numbers[1]);
            case "arrivals" -> CuratorViews.arrivals(servers, base, numbers[0]);
            case "fanOut" -> CuratorViews.fanOut(servers, base, numbers[0], numbers[1]);
            default -> throw new IllegalArgumentException("no command " + words[0]);
        };
    }

    private static String cycles(String servers, String base, int clients, int locks, int lanes, int count) throws Exception {
        for (int index = 0; index < clients; index++) client(servers, index);
        AtomicInteger next = new AtomicInteger();
        long[] latencies = new long[count];
        Callable<Void>[] work = lanes(lanes, lane -> {
            int client = lane % clients;
            for (int index = next.getAndIncrement(); index < count; index = next.getAndIncrement()) {
                InterProcessMutex mutex = mutex(servers, client, base + "/lock-" + index % locks);
                long start = System.nanoTime();
                mutex.acquire();
                mutex.release();
                latencies[index] = System.nanoTime() - start;
            }
        });
        Stopwatch watch = new Stopwatch();
        for (Future<Void> done : THREADS.invokeAll(Arrays.asList(work))) done.get();
        return watch.measured(latencies);
    }

    private static String handOvers(String servers, String base, int count) throws Exception {
        String path = base + "/latch";
        long[] latencies = new long[count];
        CompletableFuture<Long> leads = new CompletableFuture<>();
        LeaderLatch leader = latch(client(servers, 0), path, leads);
        leads.get();
        Stopwatch watch = new Stopwatch();
        for (int index = 0; index < count; index++) {
            CompletableFuture<Long> led = new CompletableFuture<>();
            LeaderLatch next = latch(client(servers, (index + 1) % 2), path, led);
            while (leader.getParticipants().size() < 2) Thread.sleep(1);
            Thread.sleep(5);
            long start = System.nanoTime();
            leader.close();
            latencies[index] = led.get() - start;
            leader = next;
        }
        leader.close();
        return watch.measured(latencies);
    }

    private static LeaderLatch latch(CuratorFramework client, String path, CompletableFuture<Long> leads) throws Exception {
        LeaderLatch latch = new LeaderLatch(client, path);
        latch.addListener(new LeaderLatchListener() {
            @Override
            public void isLeader() {
                leads.complete(System.nanoTime());
            }

            @Override
            public void notLeader() {}
        });
        latch.start();
        return latch;
    }

    static CuratorFramework client(String servers, int index) {
        return CLIENTS.computeIfAbsent(servers + " " + index, key -> {
            String[] all = servers.split(",");
            CuratorFramework client = CuratorFrameworkFactory.builder()
                .connectString(all[index % all.length])
                .sessionTimeoutMs(30_000)
                .retryPolicy(new ExponentialBackoffRetry(100, 3))
                .ensembleTracker(false)
                .build();
            client.start();
            try {
                if (!client.blockUntilConnected(20, TimeUnit.SECONDS)) throw new IllegalStateException("not connected");
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
            return client;
        });
    }

    private static InterProcessMutex mutex(String servers, int client, String path) {
        return MUTEXES.computeIfAbsent(servers + " " + client + " " + path, key -> new InterProcessMutex(client(servers, client), path));
    }

    private interface Lane {
        void run(int lane) throws Exception;
    }

    @SuppressWarnings("unchecked")
    private static Callable<Void>[] lanes(int count, Lane body) {
        return IntStream.range(0, count).mapToObj(lane -> (Callable<Void>) () -> {
            body.run(lane);
            return null;
        }).toArray(Callable[]::new);
    }

    /** Of time and of the whole process's CPU time. */
    static final class Stopwatch {
        private final long cpu = SYSTEM.getProcessCpuTime();
        private final long start = System.nanoTime();

        String measured(long[] latenciesNs) {
            double elapsedMs = (System.nanoTime() - start) / 1e6;
            double cpuMs = (SYSTEM.getProcessCpuTime() - cpu) / 1e6;
            String latencies = Arrays.stream(latenciesNs).mapToObj(ns -> String.valueOf(ns / 1000)).collect(Collectors.joining(","));
            return "{\"elapsedMs\":" + elapsedMs + ",\"cpuMs\":" + cpuMs + ",\"latenciesUs\":[" + latencies + "]}";
        }
    }
}
