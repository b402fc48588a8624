import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.x.discovery.ServiceCache;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.details.ServiceCacheListener;

/** ServiceCache and CuratorCache: the scenarios of ../recipes/quorate-views.ts. */
final class CuratorViews {
    private static final String SERVICE = "orders";

    private CuratorViews() {}

    static String views(String servers, String base, int count, int instances) throws Exception {
        CuratorFramework client = CuratorHost.client(servers, 0);
        long[] latencies = new long[count];
        CuratorHost.Stopwatch watch = new CuratorHost.Stopwatch();
        for (int index = 0; index < count; index++) {
            try (ServiceDiscovery<Void> discovery = discovery(client, base)) {
                long start = System.nanoTime();
                try (ServiceCache<Void> cache = discovery.serviceCacheBuilder().name(SERVICE).build()) {
                    cache.start();
                    int seen = cache.getInstances().size();
                    latencies[index] = System.nanoTime() - start;
                    if (seen != instances) throw new IllegalStateException(seen + " instances of " + instances);
                }
            }
        }
        return watch.measured(latencies);
    }

    static String arrivals(String servers, String base, int count) throws Exception {
        CuratorFramework other = CuratorHost.client(servers, 1);
        LinkedBlockingQueue<Long> changes = new LinkedBlockingQueue<>();
        String path = base + "/" + SERVICE + "/new";
        byte[] entry = "{\"name\":\"orders\",\"id\":\"new\",\"address\":\"host\",\"port\":80}".getBytes(StandardCharsets.UTF_8);
        long[] latencies = new long[count];
        try (ServiceDiscovery<Void> discovery = discovery(CuratorHost.client(servers, 0), base);
             ServiceCache<Void> cache = discovery.serviceCacheBuilder().name(SERVICE).build()) {
            cache.start();
            cache.addListener(new ServiceCacheListener() {
                @Override
                public void cacheChanged() {
                    changes.add(System.nanoTime());
                }

                @Override
                public void stateChanged(CuratorFramework client, ConnectionState state) {}
            });
            // What is left of the first view's own events.
            Thread.sleep(500);
            CuratorHost.Stopwatch watch = new CuratorHost.Stopwatch();
            for (int index = 0; index < count; index++) {
                changes.clear();
                long start = System.nanoTime();
                other.create().forPath(path, entry);
                latencies[index] = changes.take() - start;
                other.delete().forPath(path);
                changes.take();
                Thread.sleep(2);
            }
            return watch.measured(latencies);
        }
    }

    static String fanOut(String servers, String base, int sessions, int count) throws Exception {
        String path = base + "/config";
        CuratorFramework writer = CuratorHost.client(servers, 0);
        if (writer.checkExists().forPath(path) == null) writer.create().forPath(path, new byte[0]);
        AtomicReference<CountDownLatch> changes = new AtomicReference<>(new CountDownLatch(0));
        CountDownLatch loaded = new CountDownLatch(sessions);
        List<CuratorCache> caches = new ArrayList<>();
        for (int index = 1; index <= sessions; index++) {
            CuratorCache cache = CuratorCache.build(
                CuratorHost.client(servers, index), path, CuratorCache.Options.SINGLE_NODE_CACHE);
            cache.listenable().addListener(CuratorCacheListener.builder()
                .forInitialized(loaded::countDown)
                .forChanges((before, node) -> changes.get().countDown())
                .build());
            cache.start();
            caches.add(cache);
        }
        loaded.await();
        long[] latencies = new long[count];
        CuratorHost.Stopwatch watch = new CuratorHost.Stopwatch();
        for (int index = 0; index < count; index++) {
            CountDownLatch all = new CountDownLatch(sessions);
            changes.set(all);
            byte[] data = String.format("%-100s", "value " + index).getBytes(StandardCharsets.UTF_8);
            long start = System.nanoTime();
            writer.setData().forPath(path, data);
            all.await();
            latencies[index] = System.nanoTime() - start;
            Thread.sleep(5);
        }
        String result = watch.measured(latencies);
        caches.forEach(CuratorCache::close);
        return result;
    }

    private static ServiceDiscovery<Void> discovery(CuratorFramework client, String base) throws Exception {
        ServiceDiscovery<Void> discovery =
            ServiceDiscoveryBuilder.builder(Void.class).client(client).basePath(base).build();
        discovery.start();
        return discovery;
    }
}
