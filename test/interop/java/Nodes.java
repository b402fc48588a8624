import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;

/** PersistentNode, GroupMember, CuratorCache and transactions. */
final class Nodes {
    private Nodes() {}

    static void addTo(Actor actor) {
        actor.on("persistent.start", args -> {
            PersistentNode node = actor.recipe("persistent", args.text(0),
                client -> new PersistentNode(client, CreateMode.EPHEMERAL, false, args.text(0), args.bytes(1)));
            node.start();
            return node.waitForInitialCreate(10, TimeUnit.SECONDS);
        });
        actor.on("persistent.set", args -> {
            actor.<PersistentNode>recipe("persistent", args.text(0)).setData(args.bytes(1));
            return null;
        });
        actor.on("persistent.close", args -> actor.end("persistent", args.text(0)));

        actor.on("group.join", args -> {
            actor.recipe("group", args.text(0), client -> new GroupMember(client, args.text(0), args.text(1), args.bytes(2))).start();
            return null;
        });
        actor.on("group.members", args -> texts(actor.<GroupMember>recipe("group", args.text(0)).getCurrentMembers()));
        actor.on("group.leave", args -> actor.end("group", args.text(0)));

        actor.on("cache.start", args -> {
            CuratorCache cache = actor.recipe("cache", args.text(0), client -> CuratorCache.build(client, args.text(0)));
            List<String> events = new ArrayList<>();
            CountDownLatch filled = new CountDownLatch(1);
            actor.recipe("cache events", args.text(0), client -> events);
            cache.listenable().addListener(CuratorCacheListener.builder()
                .forAll((type, before, after) -> record(events, type, after == null ? before : after))
                .forInitialized(filled::countDown)
                .build());
            cache.start();
            return filled.await(10, TimeUnit.SECONDS);
        });
        actor.on("cache.events", args -> {
            List<String> events = actor.recipe("cache events", args.text(0));
            synchronized (events) {
                return List.copyOf(events);
            }
        });
        actor.on("cache.contents", args -> {
            Map<String, String> contents = new TreeMap<>();
            actor.<CuratorCache>recipe("cache", args.text(0)).stream().forEach(node -> contents.put(node.getPath(), text(node.getData())));
            return contents;
        });
        actor.on("cache.close", args -> actor.end("cache", args.text(0)));

        actor.on("transaction", args -> transaction(actor.client(), args.values()));
    }

    private static void record(List<String> events, CuratorCacheListener.Type type, ChildData node) {
        if (node == null) return;
        synchronized (events) {
            events.add(type + " " + node.getPath());
        }
    }

    /** @param steps "create PATH DATA", "set PATH DATA", "check PATH VERSION" or "delete PATH" each */
    private static Object transaction(CuratorFramework client, List<String> steps) throws Exception {
        List<CuratorOp> operations = new ArrayList<>();
        for (String step : steps) {
            String[] words = step.split(" ");
            operations.add(switch (words[0]) {
                case "create" -> client.transactionOp().create().forPath(words[1], words[2].getBytes(StandardCharsets.UTF_8));
                case "set" -> client.transactionOp().setData().forPath(words[1], words[2].getBytes(StandardCharsets.UTF_8));
                case "check" -> client.transactionOp().check().withVersion(Integer.parseInt(words[2])).forPath(words[1]);
                default -> client.transactionOp().delete().forPath(words[1]);
            });
        }
        try {
            return client.transaction().forOperations(operations).stream()
                .map(result -> outcome(result)).toList();
        } catch (KeeperException refused) {
            return refused.getResults().stream()
                .map(result -> result instanceof org.apache.zookeeper.OpResult.ErrorResult error
                    ? KeeperException.Code.get(error.getErr()).name() : "?").toList();
        }
    }

    private static String outcome(CuratorTransactionResult result) {
        return result.getType() + " " + result.getForPath();
    }

    private static Map<String, String> texts(Map<String, byte[]> values) {
        Map<String, String> texts = new TreeMap<>();
        values.forEach((name, data) -> texts.put(name, text(data)));
        return texts;
    }

    private static String text(byte[] data) {
        return data == null ? "" : new String(data, StandardCharsets.UTF_8);
    }
}
