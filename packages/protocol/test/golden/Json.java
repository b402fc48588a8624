import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.jute.OutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.MultiOperationRecord;
import org.apache.zookeeper.MultiResponse;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.MultiHeader;

/**
 * Writes what the golden programs collect as JSON. A long becomes {"$long": "..."} and a byte array {"$bytes": "hex"}, as JSON knows neither.
 */
final class Json {
  private Json() {}

  /** A record's fields by name, in the order they are declared, which is jute's order on the wire. */
  static Map<String, Object> fields(Record record) throws ReflectiveOperationException {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (Field field : fieldsOf(record.getClass())) fields.put(field.getName(), field.get(record));
    return fields;
  }

  static List<Field> fieldsOf(Class<?> type) {
    List<Field> fields = new ArrayList<>();
    for (Field field : type.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers())) continue;
      field.setAccessible(true);
      fields.add(field);
    }
    return fields;
  }

  private static final Map<Integer, String> MEMBERS = Map.ofEntries(
      Map.entry(OpCode.create, "create"), Map.entry(OpCode.create2, "create2"),
      Map.entry(OpCode.createContainer, "createContainer"), Map.entry(OpCode.createTTL, "createTtl"),
      Map.entry(OpCode.delete, "delete"), Map.entry(OpCode.check, "check"), Map.entry(OpCode.setData, "setData"),
      Map.entry(OpCode.getData, "getData"), Map.entry(OpCode.getChildren, "getChildren"),
      Map.entry(OpCode.error, "error"));

  /** The fields of a record that may be a multi. */
  static Map<String, Object> body(Record record) throws ReflectiveOperationException {
    if (!(record instanceof MultiOperationRecord || record instanceof MultiResponse)) return fields(record);
    List<Object> members = new ArrayList<>();
    for (Object member : (Iterable<?>) record) members.add(member(member));
    return object(record instanceof MultiResponse ? "results" : "operations", members);
  }

  /** A multi of one create2, which ZooKeeper's server reads but its client has no class to write. */
  static Record create2(String path, byte[] data, List<ACL> acl) {
    return new MultiOperationRecord() {
      @Override public void serialize(OutputArchive archive, String tag) throws IOException {
        new MultiHeader(OpCode.create2, false, -1).serialize(archive, tag);
        new CreateRequest(path, data, acl, 0).serialize(archive, tag);
        new MultiHeader(-1, true, -1).serialize(archive, tag);
      }
    };
  }

  private static Map<String, Object> member(Object member) throws ReflectiveOperationException {
    if (member instanceof Op op) {
      Map<String, Object> fields = object("op", MEMBERS.get(op.getType()));
      fields.putAll(fields(op.toRequestRecord()));
      return fields;
    }
    OpResult result = (OpResult) member;
    Map<String, Object> fields = object("op", MEMBERS.get(result.getType()));
    for (Field field : fieldsOf(result.getClass())) fields.put(field.getName(), field.get(result));
    if (result.getType() == OpCode.create) fields.remove("stat");
    return fields;
  }

  static Map<String, Object> object(Object... keysAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) object.put((String) keysAndValues[i], keysAndValues[i + 1]);
    return object;
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** A line for each vector, for the sake of readable differences. */
  static String document(Map<String, Object> sections) throws ReflectiveOperationException {
    StringBuilder out = new StringBuilder();
    String separator = "{\n";
    for (Map.Entry<String, Object> section : sections.entrySet()) {
      out.append(separator).append('"').append(section.getKey()).append("\":");
      if (section.getValue() instanceof List<?> list) lines(out, list);
      else write(out, section.getValue());
      separator = ",\n";
    }
    return out.append("\n}").toString();
  }

  private static void lines(StringBuilder out, List<?> list) throws ReflectiveOperationException {
    String separator = "[\n";
    for (Object element : list) {
      out.append(separator);
      write(out, element);
      separator = ",\n";
    }
    out.append("\n]");
  }

  private static void write(StringBuilder out, Object value) throws ReflectiveOperationException {
    if (value == null || value instanceof Integer || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof Long) {
      out.append("{\"$long\":\"").append(value).append("\"}");
    } else if (value instanceof byte[] bytes) {
      out.append("{\"$bytes\":\"").append(hex(bytes)).append("\"}");
    } else if (value instanceof String string) {
      writeString(out, string);
    } else if (value instanceof Record record) {
      write(out, fields(record));
    } else if (value instanceof Map<?, ?> map) {
      String separator = "{";
      if (map.isEmpty()) out.append(separator);
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(separator);
        writeString(out, (String) entry.getKey());
        out.append(":");
        write(out, entry.getValue());
        separator = ",";
      }
      out.append("}");
    } else if (value instanceof List<?> list) {
      String separator = "[";
      if (list.isEmpty()) out.append(separator);
      for (Object element : list) {
        out.append(separator);
        write(out, element);
        separator = ",";
      }
      out.append("]");
    } else {
      throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }

  private static void writeString(StringBuilder out, String string) {
    out.append('"');
    for (char c : string.toCharArray()) {
      if (c == '"' || c == '\\') out.append('\\').append(c);
      else if (c >= ' ' && c < 0x7f) out.append(c);
      else out.append(String.format("\\u%04x", (int) c));
    }
    out.append('"');
  }
}
