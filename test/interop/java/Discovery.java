import java.util.Collection;
import java.util.List;
import org.apache.curator.x.discovery.ServiceCache;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.UriSpec;

/** ServiceDiscovery and ServiceCache, with text as the payload. */
final class Discovery {
    private Discovery() {}

    static void addTo(Actor actor) {
        actor.on("discovery.start", args -> {
            discovery(actor, args.text(0), client ->
                ServiceDiscoveryBuilder.builder(String.class).client(client).basePath(args.text(0)).build()).start();
            return null;
        });
        actor.on("discovery.register", args -> {
            discovery(actor, args.text(0)).registerService(instance(args));
            return null;
        });
        actor.on("discovery.unregister", args -> {
            discovery(actor, args.text(0)).unregisterService(instance(args));
            return null;
        });
        actor.on("discovery.names", args -> List.copyOf(discovery(actor, args.text(0)).queryForNames()));
        actor.on("discovery.instances", args -> described(discovery(actor, args.text(0)).queryForInstances(args.text(1))));
        actor.on("discovery.close", args -> actor.end("discovery", args.text(0)));

        actor.on("services.start", args -> {
            ServiceCache<String> cache = actor.recipe("services", args.text(0),
                client -> discovery(actor, args.text(0)).serviceCacheBuilder().name(args.text(1)).build());
            cache.start();
            return null;
        });
        actor.on("services.instances", args -> described(actor.<ServiceCache<String>>recipe("services", args.text(0)).getInstances()));
        actor.on("services.close", args -> actor.end("services", args.text(0)));
    }

    private static ServiceDiscovery<String> discovery(Actor actor, String basePath, Actor.Maker<ServiceDiscovery<String>> maker)
        throws Exception {
        return actor.recipe("discovery", basePath, maker);
    }

    private static ServiceDiscovery<String> discovery(Actor actor, String basePath) {
        return actor.recipe("discovery", basePath);
    }

    /** From the arguments base path, name, id, address, port, payload. */
    private static ServiceInstance<String> instance(Args args) throws Exception {
        return ServiceInstance.<String>builder()
            .name(args.text(1))
            .id(args.text(2))
            .address(args.text(3))
            .port(args.number(4))
            .payload(args.text(5))
            .uriSpec(new UriSpec("{scheme}://{address}:{port}"))
            .build();
    }

    private static List<String> described(Collection<ServiceInstance<String>> instances) {
        return instances.stream()
            .map(instance -> String.join(" ", instance.getId(), instance.buildUriSpec(), instance.getPayload()))
            .sorted()
            .toList();
    }
}
