import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.jute.BinaryInputArchive;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.MultiOperationRecord;
import org.apache.zookeeper.MultiResponse;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.*;
import org.apache.zookeeper.proto.*;

/**
 * Prints vectors.json: the client protocol's records, multis and codes as ZooKeeper's own classes write them. How to run it: README.md beside this file.
 */
final class GoldenVectors {
  private static final List<Class<? extends Record>> RECORDS = List.of(
      ACL.class, ClientInfo.class, Id.class, Stat.class,
      AddWatchRequest.class, AuthPacket.class, CheckVersionRequest.class, CheckWatchesRequest.class,
      ConnectRequest.class, ConnectResponse.class, Create2Response.class, CreateRequest.class, CreateResponse.class,
      CreateTTLRequest.class, DeleteRequest.class, ErrorResponse.class, ExistsRequest.class, ExistsResponse.class,
      GetACLRequest.class, GetACLResponse.class, GetAllChildrenNumberRequest.class,
      GetAllChildrenNumberResponse.class, GetChildren2Request.class, GetChildren2Response.class,
      GetChildrenRequest.class, GetChildrenResponse.class, GetDataRequest.class, GetDataResponse.class,
      GetEphemeralsRequest.class, GetEphemeralsResponse.class, GetSASLRequest.class, MultiHeader.class,
      ReconfigRequest.class, RemoveWatchesRequest.class, ReplyHeader.class, RequestHeader.class,
      SetACLRequest.class, SetACLResponse.class, SetDataRequest.class, SetDataResponse.class, SetSASLResponse.class,
      SetWatches.class, SetWatches2.class, SyncRequest.class, SyncResponse.class, WatcherEvent.class,
      WhoAmIResponse.class);

  /** Where a record's field values come from. A new value for each field, so that swapped fields show. */
  private abstract static class Source {
    int count = 0;

    abstract int nextInt();

    abstract long nextLong();

    abstract boolean nextBoolean();

    abstract String nextString();

    abstract byte[] nextBytes();

    /** -1 for null. */
    abstract int nextListSize();
  }

  private static Map<String, Source> sources() {
    Map<String, Source> sources = new LinkedHashMap<>();
    sources.put("zero and empty", new Source() {
      @Override int nextInt() { return 0; }
      @Override long nextLong() { return 0; }
      @Override boolean nextBoolean() { return false; }
      @Override String nextString() { return ""; }
      @Override byte[] nextBytes() { return new byte[0]; }
      @Override int nextListSize() { return 0; }
    });
    sources.put("distinct, longs above 2^53", new Source() {
      @Override int nextInt() { return ++count * 0x01010101; }
      @Override long nextLong() { return (1L << 53) + ++count; }
      @Override boolean nextBoolean() { return true; }
      @Override String nextString() { return "/path/" + ++count; }
      @Override byte[] nextBytes() { return new byte[] {(byte) ++count, 0, (byte) 0xff, 0x7f, (byte) 0x80}; }
      @Override int nextListSize() { return 2; }
    });
    sources.put("limits and the plane of common characters", new Source() {
      @Override int nextInt() { return ++count % 2 == 0 ? Integer.MAX_VALUE : Integer.MIN_VALUE; }
      @Override long nextLong() { return ++count % 2 == 0 ? Long.MAX_VALUE : Long.MIN_VALUE; }
      @Override boolean nextBoolean() { return ++count % 2 == 0; }
      @Override String nextString() { return "/\u007f\u0080\u00fc\u07ff\u0800\u20ac\u65e5\ud7ff\uf900\ufffd" + ++count; }
      @Override byte[] nextBytes() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) all[i] = (byte) i;
        return all;
      }
      @Override int nextListSize() { return 3; }
    });
    sources.put("negative, characters beyond the common plane", new Source() {
      @Override int nextInt() { return -++count; }
      @Override long nextLong() { return -++count; }
      @Override boolean nextBoolean() { return true; }
      @Override String nextString() { return "\ud83d\ude00\u00e9\ud800\udc00\udbff\udfff/" + ++count; }
      @Override byte[] nextBytes() { return new byte[] {0}; }
      @Override int nextListSize() { return 1; }
    });
    sources.put("null", new Source() {
      @Override int nextInt() { return -1; }
      @Override long nextLong() { return -1; }
      @Override boolean nextBoolean() { return false; }
      @Override String nextString() { return null; }
      @Override byte[] nextBytes() { return null; }
      @Override int nextListSize() { return -1; }
    });
    return sources;
  }

  private static Record build(Class<?> type, Source source) throws ReflectiveOperationException {
    List<Field> fields = Json.fieldsOf(type);
    Class<?>[] types = fields.stream().map(Field::getType).toArray(Class<?>[]::new);
    Object[] values = new Object[types.length];
    for (int i = 0; i < values.length; i++) values[i] = value(fields.get(i).getGenericType(), source);
    Constructor<?> constructor = type.getConstructor(types);
    return (Record) constructor.newInstance(values);
  }

  private static Object value(Type type, Source source) throws ReflectiveOperationException {
    if (type == int.class) return source.nextInt();
    if (type == long.class) return source.nextLong();
    if (type == boolean.class) return source.nextBoolean();
    if (type == String.class) return source.nextString();
    if (type == byte[].class) return source.nextBytes();
    if (type instanceof ParameterizedType list) {
      int size = source.nextListSize();
      if (size < 0) return null;
      List<Object> values = new ArrayList<>();
      for (int i = 0; i < size; i++) values.add(value(list.getActualTypeArguments()[0], source));
      return values;
    }
    return build((Class<?>) type, source);
  }

  private static byte[] serialise(Record record) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    record.serialize(BinaryOutputArchive.getArchive(bytes), "");
    return bytes.toByteArray();
  }

  private static List<Object> records() throws Exception {
    List<Object> vectors = new ArrayList<>();
    for (Class<? extends Record> type : RECORDS) {
      for (Map.Entry<String, Source> entry : sources().entrySet()) {
        Record record = build(type, entry.getValue());
        Map<String, Object> fields = Json.fields(record);
        byte[] bytes = serialise(record);
        boolean handshake = record instanceof ConnectRequest || record instanceof ConnectResponse;
        if (handshake) vectors.add(vector(type, entry.getKey() + ", before 3.4", fields, bytes));
        // Client and server write this one boolean by hand behind the record of the handshake.
        if (handshake) {
          boolean readOnly = entry.getValue().nextBoolean();
          fields = new LinkedHashMap<>(fields);
          fields.put("readOnly", readOnly);
          bytes = java.util.Arrays.copyOf(bytes, bytes.length + 1);
          bytes[bytes.length - 1] = (byte) (readOnly ? 1 : 0);
        }
        vectors.add(vector(type, entry.getKey(), fields, bytes));
      }
    }
    return vectors;
  }

  private static Map<String, Object> vector(Class<?> type, String name, Map<String, Object> fields, byte[] bytes) {
    return Json.object("record", type.getSimpleName(), "case", name, "fields", fields, "hex", Json.hex(bytes));
  }

  private static final List<ACL> ACLS =
      List.of(new ACL(31, new Id("world", "anyone")), new ACL(1, new Id("digest", "u:p=")));

  private static List<Op> writes() {
    byte[] data = {1, 2, 3};
    return List.of(
        Op.create("/a", data, ACLS, CreateMode.EPHEMERAL_SEQUENTIAL),
        Op.create("/null", null, ACLS, CreateMode.PERSISTENT),
        Op.create("/container", data, ACLS, CreateMode.CONTAINER),
        Op.create("/ttl", data, ACLS, CreateMode.PERSISTENT_WITH_TTL, 1099511627775L),
        Op.delete("/d", -1), Op.setData("/s", data, 7), Op.setData("/s", null, 0), Op.check("/c", 2147483647));
  }

  private static List<OpResult> results() throws Exception {
    Stat stat = (Stat) build(Stat.class, sources().get("distinct, longs above 2^53"));
    return List.of(
        new OpResult.CreateResult("/a0000000001"), new OpResult.CreateResult("/b", stat),
        new OpResult.DeleteResult(), new OpResult.CheckResult(), new OpResult.SetDataResult(stat),
        new OpResult.GetDataResult(new byte[] {9, 8}, stat), new OpResult.GetDataResult(null, stat),
        new OpResult.GetChildrenResult(List.of("x", "y")), new OpResult.GetChildrenResult(List.of()),
        new OpResult.ErrorResult(-101), new OpResult.ErrorResult(0));
  }

  private static List<Object> multis() throws Exception {
    List<Object> vectors = new ArrayList<>();
    for (Op op : writes()) vectors.add(multi("multi", new MultiOperationRecord(List.of(op))));
    vectors.add(multi("multi", new MultiOperationRecord(writes())));
    vectors.add(multi("multi", new MultiOperationRecord(List.of())));
    Record create2 = Json.create2("/2", new byte[] {2}, ACLS);
    Map<String, Object> fields = Json.object("op", "create2");
    fields.putAll(Json.fields(new CreateRequest("/2", new byte[] {2}, ACLS, 0)));
    vectors.add(Json.object("op", "multi", "side", "request",
        "fields", Json.object("operations", List.of(fields)), "hex", Json.hex(serialise(create2))));
    List<Op> reads = List.of(Op.getData("/g"), Op.getChildren("/g"));
    for (Op op : reads) vectors.add(multi("multiRead", new MultiOperationRecord(List.of(op))));
    vectors.add(multi("multiRead", new MultiOperationRecord(reads)));
    MultiResponse all = new MultiResponse();
    vectors.add(multi("multi", all));
    for (OpResult result : results()) {
      MultiResponse one = new MultiResponse();
      one.add(result);
      all.add(result);
      vectors.add(multi("multi", one));
    }
    vectors.add(multi("multi", all));
    return vectors;
  }

  private static Map<String, Object> multi(String op, Record record) throws Exception {
    byte[] bytes = serialise(record);
    Record read = record instanceof MultiResponse ? new MultiResponse() : new MultiOperationRecord();
    read.deserialize(BinaryInputArchive.getArchive(new ByteArrayInputStream(bytes)), "");
    String side = record instanceof MultiResponse ? "reply" : "request";
    return Json.object("op", op, "side", side, "fields", Json.body(read), "hex", Json.hex(bytes));
  }

  private static Map<String, Object> opCodes() throws Exception {
    Map<String, Object> codes = new LinkedHashMap<>();
    for (Field field : ZooDefs.OpCode.class.getFields()) codes.put(field.getName(), field.getInt(null));
    return codes;
  }

  private static Map<String, Object> errorCodes() {
    Map<String, Object> codes = new LinkedHashMap<>();
    for (KeeperException.Code code : KeeperException.Code.values()) codes.put(code.name(), code.intValue());
    return codes;
  }

  private static Map<String, Object> createModes() {
    Map<String, Object> modes = new LinkedHashMap<>();
    for (CreateMode mode : CreateMode.values()) modes.put(mode.name(), mode.toFlag());
    return modes;
  }

  public static void main(String[] arguments) throws Exception {
    System.out.println(Json.document(Json.object(
        "records", records(), "multis", multis(),
        "opCodes", opCodes(), "errorCodes", errorCodes(), "createModes", createModes())));
  }
}
