import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.recipes.atomic.AtomicValue;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.retry.RetryNTimes;

/** SharedCount, DistributedAtomicLong, DistributedBarrier, DistributedDoubleBarrier. */
final class Counters {
    private Counters() {}

    static void addTo(Actor actor) {
        actor.on("count.start", args -> {
            SharedCount count = actor.recipe("count", args.text(0), client -> new SharedCount(client, args.text(0), args.number(1)));
            count.start();
            return count.getCount();
        });
        actor.on("count.get", args -> actor.<SharedCount>recipe("count", args.text(0)).getCount());
        actor.on("count.trySet", args -> {
            SharedCount count = actor.recipe("count", args.text(0));
            return count.trySetCount(count.getVersionedValue(), args.number(1));
        });
        actor.on("count.close", args -> actor.end("count", args.text(0)));

        actor.on("long.add", args -> {
            DistributedAtomicLong number = actor.recipe("long", args.text(0),
                client -> new DistributedAtomicLong(client, args.text(0), new RetryNTimes(20, 10)));
            AtomicValue<Long> changed = number.add(Long.parseLong(args.text(1)));
            if (!changed.succeeded()) throw new IllegalStateException("the addition was given up");
            return List.of(changed.preValue().toString(), changed.postValue().toString());
        });

        actor.on("barrier.set", args -> {
            barrier(actor, args.text(0)).setBarrier();
            return null;
        });
        actor.on("barrier.remove", args -> {
            barrier(actor, args.text(0)).removeBarrier();
            return null;
        });
        actor.on("barrier.wait", args -> barrier(actor, args.text(0)).waitOnBarrier(args.number(1), TimeUnit.MILLISECONDS));

        actor.on("gate.enter", args -> {
            DistributedDoubleBarrier gate = actor.recipe("gate", args.text(0),
                client -> new DistributedDoubleBarrier(client, args.text(0), args.number(1)));
            return gate.enter(args.number(2), TimeUnit.MILLISECONDS);
        });
        actor.on("gate.leave", args -> actor.<DistributedDoubleBarrier>recipe("gate", args.text(0))
            .leave(args.number(1), TimeUnit.MILLISECONDS));
    }

    private static DistributedBarrier barrier(Actor actor, String path) throws Exception {
        return actor.recipe("barrier", path, client -> new DistributedBarrier(client, path));
    }
}
