import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.ServiceInstanceBuilder;
import org.apache.curator.x.discovery.ServiceProvider;
import org.apache.curator.x.discovery.ServiceType;
import org.apache.curator.x.discovery.UriSpec;
import org.apache.curator.x.discovery.details.JsonInstanceSerializer;

/** ServiceDiscovery with a bean as the payload, its class in the JSON, as Spring Cloud Zookeeper uses it. */
final class Beans {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** As org.springframework.cloud.zookeeper.discovery.ZookeeperInstance. */
    public static final class Bean {
        private String id;
        private String name;
        private Map<String, String> metadata = new LinkedHashMap<>();

        public String getId() { return id; }
        public void setId(String id) { this.id = id; }
        public String getName() { return name; }
        public void setName(String name) { this.name = name; }
        public Map<String, String> getMetadata() { return metadata; }
        public void setMetadata(Map<String, String> metadata) { this.metadata = metadata; }
    }

    private Beans() {}

    static void addTo(Actor actor) {
        actor.on("beans.start", args -> {
            actor.recipe("beans", args.text(0), client -> ServiceDiscoveryBuilder.builder(Bean.class)
                .client(client)
                .basePath(args.text(0))
                .serializer(new JsonInstanceSerializer<>(Bean.class, false))
                .build()).start();
            return null;
        });
        actor.on("beans.register", args -> {
            discovery(actor, args).registerService(instance(args));
            return null;
        });
        actor.on("beans.update", args -> {
            discovery(actor, args).updateService(instance(args));
            return null;
        });
        actor.on("beans.unregister", args -> {
            discovery(actor, args).unregisterService(instance(args));
            return null;
        });
        actor.on("beans.instances", args -> discovery(actor, args).queryForInstances(args.text(1)).stream()
            .map(Beans::described).sorted().toList());
        actor.on("beans.provide", args -> {
            ServiceProvider<Bean> provider = actor.recipe("provider", args.text(0),
                client -> discovery(actor, args).serviceProviderBuilder().serviceName(args.text(1)).build());
            provider.start();
            return null;
        });
        actor.on("beans.provided", args -> {
            ServiceInstance<Bean> instance = actor.<ServiceProvider<Bean>>recipe("provider", args.text(0)).getInstance();
            return instance == null ? null : described(instance);
        });
        actor.on("beans.close", args -> {
            actor.end("provider", args.text(0));
            return actor.end("beans", args.text(0));
        });
    }

    private static ServiceDiscovery<Bean> discovery(Actor actor, Args args) {
        return actor.recipe("beans", args.text(0));
    }

    /** From the base path and JSON with name, id, address, port, sslPort, type, uriSpec, enabled and metadata. */
    private static ServiceInstance<Bean> instance(Args args) throws Exception {
        JsonNode given = JSON.readTree(args.text(1));
        Bean bean = new Bean();
        bean.setId(given.get("id").asText());
        bean.setName(given.get("name").asText());
        given.path("metadata").fields().forEachRemaining(entry -> bean.getMetadata().put(entry.getKey(), entry.getValue().asText()));
        ServiceInstanceBuilder<Bean> builder = ServiceInstance.<Bean>builder()
            .name(given.get("name").asText())
            .id(given.get("id").asText())
            .address(given.get("address").asText())
            .payload(bean)
            .enabled(given.path("enabled").asBoolean(true))
            .serviceType(ServiceType.valueOf(given.path("type").asText("DYNAMIC")));
        if (given.has("port")) builder.port(given.get("port").asInt());
        if (given.has("sslPort")) builder.sslPort(given.get("sslPort").asInt());
        if (given.has("uriSpec")) builder.uriSpec(new UriSpec(given.get("uriSpec").asText()));
        return builder.build();
    }

    private static String described(ServiceInstance<Bean> instance) {
        Bean bean = instance.getPayload();
        return String.join(" ", List.of(
            instance.getId(),
            instance.getAddress() + ":" + instance.getPort() + ":" + instance.getSslPort(),
            instance.getServiceType().name(),
            instance.isEnabled() ? "enabled" : "disabled",
            instance.getUriSpec() == null ? "-" : instance.buildUriSpec(),
            bean == null ? "-" : bean.getMetadata().toString()));
    }
}
