import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Runs Curator's recipes as it is told, one JSON object a line: {"id":1,"actor":"a","command":"mutex.acquire","args":["/lock","1000"]} is
 * answered by {"id":1,"result":true} or {"id":1,"error":"..."}. Each actor is a thread with a session of its own, so several of them can
 * contend within one JVM. The end of the input ends every session and the process.
 */
public final class Peer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PrintStream OUT =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private record Worker(ExecutorService thread, Actor actor) {}

    public static void main(String[] arguments) throws Exception {
        Map<String, Worker> workers = new LinkedHashMap<>();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            JsonNode request = JSON.readTree(line);
            Worker worker = workers.computeIfAbsent(
                request.get("actor").asText(), name -> new Worker(Executors.newSingleThreadExecutor(), new Actor()));
            worker.thread.execute(() -> answer(worker.actor, request));
        }
        for (Worker worker : workers.values()) {
            worker.thread.execute(() -> worker.actor.close());
            worker.thread.shutdown();
        }
        for (Worker worker : workers.values()) {
            worker.thread.awaitTermination(3, TimeUnit.SECONDS);
        }
        System.exit(0);
    }

    private static void answer(Actor actor, JsonNode request) {
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("id", request.get("id").asInt());
        try {
            List<String> args = new ArrayList<>();
            request.get("args").forEach(arg -> args.add(arg.asText()));
            reply.put("result", actor.run(request.get("command").asText(), args));
        } catch (Throwable failure) {
            reply.put("error", failure.toString());
            failure.printStackTrace();
        }
        try {
            OUT.println(JSON.writeValueAsString(reply));
        } catch (Exception unwritable) {
            unwritable.printStackTrace();
        }
    }
}
