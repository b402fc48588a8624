import java.nio.charset.StandardCharsets;
import java.util.List;

/** A command's arguments: all travel as text. */
record Args(List<String> values) {
    String text(int index) {
        return values.get(index);
    }

    /** Null when it was not given. */
    String optional(int index) {
        return index < values.size() ? values.get(index) : null;
    }

    int number(int index) {
        return Integer.parseInt(text(index));
    }

    byte[] bytes(int index) {
        return text(index).getBytes(StandardCharsets.UTF_8);
    }
}
