import java.nio.charset.StandardCharsets;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.ExponentialBackoffRetry;

/** Withdraws 1 from an account, again and again, under Curator's lock: `java Withdrawals.java <servers> <times>`. */
public final class Withdrawals {
    public static void main(String[] args) throws Exception {
        try (CuratorFramework client =
                CuratorFrameworkFactory.newClient(args[0], new ExponentialBackoffRetry(100, 10))) {
            client.start();
            InterProcessMutex mutex = new InterProcessMutex(client, "/locks/account");
            for (int i = 0; i < Integer.parseInt(args[1]); i++) {
                mutex.acquire();
                try {
                    String balance = new String(client.getData().forPath("/account"), StandardCharsets.UTF_8);
                    String next = Integer.toString(Integer.parseInt(balance) - 1);
                    client.setData().forPath("/account", next.getBytes(StandardCharsets.UTF_8));
                    System.out.println("Curator: " + next);
                } finally {
                    mutex.release();
                }
            }
        }
    }
}
