import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.jute.BinaryInputArchive;
import org.apache.jute.OutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.*;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.*;
import org.apache.zookeeper.proto.*;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;

/**
 * Prints traffic.json: frames between ZooKeeper's own client and a real server of one member, taken down by a proxy between the two, each with
 * what ZooKeeper's classes read in it. How to run it: README.md beside this file.
 */
final class CapturedTraffic {
  private record Exchange(Class<? extends Record> request, Class<? extends Record> reply) {}

  private static final Map<Integer, Exchange> EXCHANGES = Map.ofEntries(
      Map.entry(OpCode.create, new Exchange(CreateRequest.class, CreateResponse.class)),
      Map.entry(OpCode.create2, new Exchange(CreateRequest.class, Create2Response.class)),
      Map.entry(OpCode.createContainer, new Exchange(CreateRequest.class, Create2Response.class)),
      Map.entry(OpCode.createTTL, new Exchange(CreateTTLRequest.class, Create2Response.class)),
      Map.entry(OpCode.delete, new Exchange(DeleteRequest.class, null)),
      Map.entry(OpCode.exists, new Exchange(ExistsRequest.class, ExistsResponse.class)),
      Map.entry(OpCode.getData, new Exchange(GetDataRequest.class, GetDataResponse.class)),
      Map.entry(OpCode.setData, new Exchange(SetDataRequest.class, SetDataResponse.class)),
      Map.entry(OpCode.getACL, new Exchange(GetACLRequest.class, GetACLResponse.class)),
      Map.entry(OpCode.setACL, new Exchange(SetACLRequest.class, SetACLResponse.class)),
      Map.entry(OpCode.getChildren, new Exchange(GetChildrenRequest.class, GetChildrenResponse.class)),
      Map.entry(OpCode.getChildren2, new Exchange(GetChildren2Request.class, GetChildren2Response.class)),
      Map.entry(OpCode.sync, new Exchange(SyncRequest.class, SyncResponse.class)),
      Map.entry(OpCode.ping, new Exchange(null, null)),
      Map.entry(OpCode.multi, new Exchange(MultiOperationRecord.class, MultiResponse.class)),
      Map.entry(OpCode.multiRead, new Exchange(MultiOperationRecord.class, MultiResponse.class)),
      Map.entry(OpCode.reconfig, new Exchange(ReconfigRequest.class, GetDataResponse.class)),
      Map.entry(OpCode.checkWatches, new Exchange(CheckWatchesRequest.class, null)),
      Map.entry(OpCode.removeWatches, new Exchange(RemoveWatchesRequest.class, null)),
      Map.entry(OpCode.auth, new Exchange(AuthPacket.class, null)),
      Map.entry(OpCode.setWatches, new Exchange(SetWatches.class, null)),
      Map.entry(OpCode.setWatches2, new Exchange(SetWatches2.class, null)),
      Map.entry(OpCode.sasl, new Exchange(GetSASLRequest.class, SetSASLResponse.class)),
      Map.entry(OpCode.getEphemerals, new Exchange(GetEphemeralsRequest.class, GetEphemeralsResponse.class)),
      Map.entry(OpCode.getAllChildrenNumber,
          new Exchange(GetAllChildrenNumberRequest.class, GetAllChildrenNumberResponse.class)),
      Map.entry(OpCode.addWatch, new Exchange(AddWatchRequest.class, ErrorResponse.class)),
      Map.entry(OpCode.whoAmI, new Exchange(null, WhoAmIResponse.class)),
      Map.entry(999, new Exchange(null, null)),
      Map.entry(OpCode.closeSession, new Exchange(null, null)));

  private static final List<Object> frames = new ArrayList<>();
  private static final Map<Integer, Integer> typesByXid = new ConcurrentHashMap<>();
  private static volatile String step = "";
  private static volatile boolean pinged = false;

  /** Passes bytes between the client and the server, frame by frame, and takes each one down. */
  private static final class Recorder extends Thread {
    private final ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final int serverPort;
    private volatile Socket client;

    Recorder(int serverPort) throws IOException {
      this.serverPort = serverPort;
      setDaemon(true);
    }

    int port() {
      return listener.getLocalPort();
    }

    void cut() throws IOException {
      client.close();
    }

    @Override public void run() {
      try {
        for (;;) {
          client = listener.accept();
          Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
          pass(client, server, true);
          pass(server, client, false);
        }
      } catch (IOException ended) {
        throw new IllegalStateException(ended);
      }
    }

    private static void pass(Socket from, Socket to, boolean fromClient) {
      Thread thread = new Thread(() -> {
        boolean first = true;
        try (from; to) {
          DataInputStream in = new DataInputStream(from.getInputStream());
          DataOutputStream out = new DataOutputStream(to.getOutputStream());
          for (;;) {
            byte[] frame = new byte[in.readInt()];
            in.readFully(frame);
            record(frame, fromClient, first);
            first = false;
            ByteBuffer whole = ByteBuffer.allocate(4 + frame.length).putInt(frame.length).put(frame);
            out.write(whole.array());
          }
        } catch (IOException ended) {
          // Either side has closed.
        } catch (ReflectiveOperationException impossible) {
          throw new IllegalStateException(impossible);
        }
      });
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static synchronized void record(byte[] frame, boolean fromClient, boolean first)
      throws IOException, ReflectiveOperationException {
    ByteArrayInputStream bytes = new ByteArrayInputStream(frame);
    BinaryInputArchive archive = BinaryInputArchive.getArchive(bytes);
    Record header = null;
    Record body;
    if (first) {
      body = fromClient ? read(archive, ConnectRequest.class) : read(archive, ConnectResponse.class);
    } else if (fromClient) {
      RequestHeader request = read(archive, RequestHeader.class);
      header = request;
      typesByXid.put(request.getXid(), request.getType());
      body = read(archive, EXCHANGES.get(request.getType()).request());
    } else {
      ReplyHeader reply = read(archive, ReplyHeader.class);
      header = reply;
      if (reply.getXid() == -1) body = read(archive, WatcherEvent.class);
      else if (reply.getErr() != 0) body = null;
      else body = read(archive, EXCHANGES.get(typesByXid.get(reply.getXid())).reply());
    }
    boolean ping = header instanceof ReplyHeader reply ? reply.getXid() == -2
        : header instanceof RequestHeader request && request.getType() == OpCode.ping;
    if (ping && pinged) return;
    if (ping && !fromClient) pinged = true;
    Map<String, Object> line = Json.object("step", ping ? "ping" : step, "from", fromClient ? "client" : "server");
    if (header != null) line.put("header", Json.fields(header));
    if (body != null) {
      Map<String, Object> fields = Json.body(body);
      if (first) fields.put("readOnly", bytes.read() == 1);
      line.put("record", body.getClass().getSimpleName());
      line.put("fields", fields);
    }
    if (bytes.available() > 0) line.put("trailing", bytes.available());
    line.put("hex", Json.hex(frame));
    frames.add(line);
  }

  private static <T extends Record> T read(BinaryInputArchive archive, Class<T> type)
      throws IOException, ReflectiveOperationException {
    if (type == null) return null;
    T record = type.getConstructor().newInstance();
    record.deserialize(archive, "");
    return record;
  }

  private interface Call {
    void run() throws Exception;
  }

  private static void step(String name, Call call) throws Exception {
    step = name;
    try {
      call.run();
    } catch (KeeperException refused) {
      System.err.println(name + ": " + refused.code());
    }
  }

  /** ZooKeeper's client with a door for requests it has no method for. */
  private static final class Client extends ZooKeeperAdmin {
    Client(String server, Watcher watcher) throws IOException {
      super(server, 4000, watcher);
    }

    void raw(int type, Record request) throws Exception {
      RequestHeader header = new RequestHeader();
      header.setType(type);
      cnxn.submitRequest(header, request, null, null);
    }
  }

  private static Client connect(int port) throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    boolean sasl = System.getProperty("zookeeper.sasl.client", "false").equals("true");
    Client client = new Client("127.0.0.1:" + port, event -> {
      Watcher.Event.KeeperState awaited =
          sasl ? Watcher.Event.KeeperState.SaslAuthenticated : Watcher.Event.KeeperState.SyncConnected;
      if (event.getState() == awaited) connected.countDown();
    });
    connected.await();
    return client;
  }

  private static void operations(Client client) throws Exception {
    byte[] data = "data".getBytes(StandardCharsets.UTF_8);
    List<ACL> open = Ids.OPEN_ACL_UNSAFE;
    step("create", () -> client.create("/a", data, open, CreateMode.PERSISTENT));
    step("create that exists", () -> client.create("/a", data, open, CreateMode.PERSISTENT));
    step("create2", () -> client.create("/a/b-", null, open, CreateMode.EPHEMERAL_SEQUENTIAL, new Stat()));
    step("createContainer", () -> client.create("/container", data, open, CreateMode.CONTAINER));
    step("createTtl", () ->
        client.create("/ttl", data, open, CreateMode.PERSISTENT_WITH_TTL, new Stat(), 60_000));
    step("exists", () -> client.exists("/a", false));
    step("exists, no node", () -> client.exists("/none", false));
    step("getData", () -> client.getData("/a", false, null));
    step("getData, null", () -> client.getData("/a/b-0000000000", false, null));
    step("setData", () -> client.setData("/a", null, 0));
    step("setData, bad version", () -> client.setData("/a", null, 0));
    step("getChildren", () -> client.getChildren("/a", false));
    step("getChildren2", () -> client.getChildren("/a", false, new Stat()));
    step("getAcl", () -> client.getACL("/a", new Stat()));
    step("setAcl", () -> client.setACL("/a", open, 0));
    step("getEphemerals", () -> client.getEphemerals("/a"));
    step("getAllChildrenNumber", () -> client.getAllChildrenNumber("/"));
    step("sync", () -> {
      CountDownLatch done = new CountDownLatch(1);
      client.sync("/a", (code, path, context) -> done.countDown(), null);
      done.await();
    });
    step("multi", () -> client.multi(List.of(
        Op.create("/m", data, open, CreateMode.PERSISTENT),
        Op.create("/mc", data, open, CreateMode.CONTAINER),
        Op.create("/mt", data, open, CreateMode.PERSISTENT_WITH_TTL, 60_000),
        Op.setData("/m", data, 0), Op.check("/m", 1), Op.delete("/mc", -1))));
    step("multi that fails", () -> client.multi(List.of(
        Op.setData("/m", data, -1), Op.delete("/none", -1), Op.check("/m", 0))));
    step("multiRead", () -> client.multi(List.of(Op.getData("/m"), Op.getChildren("/a"), Op.getData("/none"))));
    step("multi with create2", () -> client.raw(OpCode.multi, Json.create2("/m2", data, open)));
    step("addAuth and whoAmI", () -> {
      client.addAuthInfo("digest", "super:secret".getBytes(StandardCharsets.UTF_8));
      client.whoAmI();
    });
    step("setAcl, id in real UTF-8", () -> client.raw(OpCode.setACL, new SetACLRequest() {
      // What ZooKeeper's own writer never does: it writes a character beyond the common plane as two surrogates.
      @Override public void serialize(OutputArchive archive, String tag) throws IOException {
        archive.writeString("/a", "path");
        archive.writeInt(1, "acl");
        archive.writeInt(31, "perms");
        archive.writeString("digest", "scheme");
        archive.writeBuffer("\ud83d\ude00:x".getBytes(StandardCharsets.UTF_8), "id");
        archive.writeInt(-1, "version");
      }
    }));
    step("getAcl, id in surrogates", () -> client.getACL("/a", new Stat()));
    step("setAcl back", () -> client.setACL("/a", open, -1));
    step("reconfig", () -> {
      String config = new String(client.getConfig(false, new Stat()), StandardCharsets.UTF_8);
      client.reconfigure((String) null, null, config.split("\n")[0], -1, new Stat());
    });
    step("reconfig of the last member", () -> client.reconfigure((String) null, "1", null, -1, new Stat()));
  }

  private static void watches(Client client, Recorder recorder) throws Exception {
    step("one-shot watches", () -> {
      client.getData("/a", true, null);
      client.getChildren("/a", true);
      client.exists("/w", true);
    });
    step("dataChanged", () -> client.setData("/a", new byte[0], -1));
    step("created and childrenChanged", () -> {
      client.create("/w", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      client.create("/a/c", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    });
    step("deleted", () -> {
      client.exists("/w", true);
      client.delete("/w", -1);
    });
    step("setWatches", () -> {
      client.getData("/a", true, null);
      client.exists("/w", true);
      client.getChildren("/m", true);
      reconnect(client, recorder);
    });
    step("addWatch", () -> client.addWatch("/a", event -> {}, AddWatchMode.PERSISTENT));
    step("addWatch, recursive", () -> client.addWatch("/m", event -> {}, AddWatchMode.PERSISTENT_RECURSIVE));
    step("setWatches2", () -> reconnect(client, recorder));
    step("checkWatches", () -> client.raw(OpCode.checkWatches, new CheckWatchesRequest("/a", 2)));
    step("checkWatches, none", () -> client.raw(OpCode.checkWatches, new CheckWatchesRequest("/none", 3)));
    step("removeWatches", () -> client.removeAllWatches("/a", Watcher.WatcherType.Any, false));
    step("removeWatches, none", () -> client.raw(OpCode.removeWatches, new RemoveWatchesRequest("/none", 3)));
    step("unknown type", () -> client.raw(999, null));
    step("ping", () -> {
      while (!pinged) Thread.sleep(50);
    });
    step("closeSession", client::close);
  }

  private static void reconnect(Client client, Recorder recorder) throws Exception {
    recorder.cut();
    for (boolean served = false; !served; ) {
      try {
        client.exists("/", false);
        served = true;
      } catch (KeeperException.ConnectionLossException again) {
        Thread.sleep(50);
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void startServer(Path directory, int clientPort) throws Exception {
    Files.createDirectories(directory.resolve("data"));
    Files.writeString(directory.resolve("data/myid"), "1");
    Path config = directory.resolve("zoo.cfg");
    Files.writeString(config, """
        tickTime=500
        initLimit=10
        syncLimit=5
        standaloneEnabled=false
        reconfigEnabled=true
        extendedTypesEnabled=true
        admin.enableServer=false
        authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider
        dataDir=%s
        server.1=127.0.0.1:%d:%d;127.0.0.1:%d
        """.formatted(directory.resolve("data"), freePort(), freePort(), clientPort));
    Path jaas = directory.resolve("jaas.conf");
    Files.writeString(jaas, """
        Server { org.apache.zookeeper.server.auth.DigestLoginModule required user_bob="bobs secret"; };
        Client { org.apache.zookeeper.server.auth.DigestLoginModule required username="bob" password="bobs secret"; };
        """);
    System.setProperty("java.security.auth.login.config", jaas.toString());
    // Of the password "secret".
    System.setProperty("zookeeper.DigestAuthenticationProvider.superDigest", "super:lK75jTNcA+U9vtVEw5vB51mj/w4=");
    Thread server = new Thread(() -> QuorumPeerMain.main(new String[] {config.toString()}));
    server.setDaemon(true);
    server.start();
  }

  public static void main(String[] arguments) throws Exception {
    Path directory = Files.createTempDirectory("golden-traffic");
    int serverPort = freePort();
    startServer(directory, serverPort);
    System.setProperty("zookeeper.sasl.client", "false");
    Recorder recorder = new Recorder(serverPort);
    recorder.start();
    // The first attempts may come before the server listens; they leave no frame.
    while (!reachable(serverPort)) Thread.sleep(50);
    step = "handshake";
    Client client = connect(recorder.port());
    operations(client);
    watches(client, recorder);
    step("handshake of an expired session", () -> expired(recorder.port()));
    System.setProperty("zookeeper.sasl.client", "true");
    step("sasl", () -> connect(recorder.port()).close());
    synchronized (CapturedTraffic.class) {
      System.out.println(Json.document(Json.object("frames", frames)));
    }
    delete(directory);
    // The server's threads would keep the process alive.
    Runtime.getRuntime().halt(0);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
    }
  }

  private static boolean reachable(int port) {
    try {
      ZooKeeper probe = new ZooKeeper("127.0.0.1:" + port, 4000, event -> {});
      probe.exists("/", false);
      probe.close();
      return true;
    } catch (Exception notYet) {
      return false;
    }
  }

  private static void expired(int port) throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    ZooKeeper client = new ZooKeeper("127.0.0.1:" + port, 4000, event -> {
      if (event.getState() == Watcher.Event.KeeperState.Expired) done.countDown();
    }, 0x123456789abcdefL, new byte[16]);
    done.await();
    client.close();
  }
}
