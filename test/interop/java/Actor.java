import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/** One of Curator's clients, the recipes it has in use, and the commands for them. Used by one thread only. */
final class Actor {
    interface Command {
        Object run(Args args) throws Exception;
    }

    /** A recipe's constructor. */
    interface Maker<T> {
        T make(CuratorFramework client) throws Exception;
    }

    private static final int SESSION_TIMEOUT_MS = 8_000;

    private final Map<String, Command> commands = new HashMap<>();
    private final Map<String, Object> recipes = new LinkedHashMap<>();
    private CuratorFramework client;
    private String servers;

    Actor() {
        on("connect", args -> connect(args.text(0), args.optional(1)));
        on("session", args -> Long.toHexString(zookeeper().getSessionId()));
        on("session.kill", args -> killSession());
        on("close", args -> {
            close();
            return null;
        });
        Locks.addTo(this);
        Contention.addTo(this);
        Leadership.addTo(this);
        Nodes.addTo(this);
        Counters.addTo(this);
        Discovery.addTo(this);
        Beans.addTo(this);
    }

    void on(String name, Command command) {
        commands.put(name, command);
    }

    Object run(String name, List<String> args) throws Exception {
        Command command = commands.get(name);
        if (command == null) throw new IllegalArgumentException("no command " + name);
        return command.run(new Args(args));
    }

    CuratorFramework client() {
        return client;
    }

    /** The recipe in use under this kind and path, made at its first mention. */
    @SuppressWarnings("unchecked")
    <T> T recipe(String kind, String path, Maker<T> maker) throws Exception {
        String key = kind + " " + path;
        if (!recipes.containsKey(key)) recipes.put(key, maker.make(client));
        return (T) recipes.get(key);
    }

    @SuppressWarnings("unchecked")
    <T> T recipe(String kind, String path) {
        Object recipe = recipes.get(kind + " " + path);
        if (recipe == null) throw new IllegalStateException("no " + kind + " was started at " + path);
        return (T) recipe;
    }

    /** Closes and forgets a recipe. */
    Object end(String kind, String path) throws Exception {
        Object recipe = recipes.remove(kind + " " + path);
        if (recipe instanceof AutoCloseable closeable) closeable.close();
        return null;
    }

    void close() {
        List<Object> newestFirst = new ArrayList<>(recipes.values());
        Collections.reverse(newestFirst);
        newestFirst.forEach(recipe -> {
            try {
                if (recipe instanceof AutoCloseable closeable) closeable.close();
            } catch (Exception failure) {
                failure.printStackTrace();
            }
        });
        recipes.clear();
        if (client != null) client.close();
        client = null;
    }

    private Object connect(String connectString, String digest) throws Exception {
        CuratorFrameworkFactory.Builder builder = CuratorFrameworkFactory.builder()
            .connectString(connectString)
            .sessionTimeoutMs(SESSION_TIMEOUT_MS)
            .retryPolicy(new RetryNTimes(20, 100));
        if (digest != null) builder.authorization("digest", digest.getBytes());
        servers = connectString;
        client = builder.build();
        client.start();
        if (!client.blockUntilConnected(20, TimeUnit.SECONDS)) throw new IllegalStateException("not connected");
        return Long.toHexString(zookeeper().getSessionId());
    }

    private ZooKeeper zookeeper() throws Exception {
        return client.getZookeeperClient().getZooKeeper();
    }

    /** Ends the session at the server behind the client's back: a second connection takes it over and closes it. */
    private Object killSession() throws Exception {
        ZooKeeper own = zookeeper();
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper thief = new ZooKeeper(servers, SESSION_TIMEOUT_MS, event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) connected.countDown();
        }, own.getSessionId(), own.getSessionPasswd());
        try {
            if (!connected.await(10, TimeUnit.SECONDS)) throw new IllegalStateException("the session was not taken over");
        } finally {
            thief.close();
        }
        return null;
    }
}
