import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;

/** Starts Curator's TestingServer and creates a znode, as often as told; prints the milliseconds of each time on a line. */
public final class TestingServerBench {
    public static void main(String[] args) throws Exception {
        for (int round = 0; round < Integer.parseInt(args[0]); round++) {
            long start = System.nanoTime();
            try (TestingServer server = new TestingServer()) {
                ZooKeeper client = new ZooKeeper(server.getConnectString(), 10_000, event -> {});
                client.create("/first", new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
                System.out.println((System.nanoTime() - start) / 1e6);
                client.close();
            }
        }
        System.exit(0);
    }
}
