import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.leader.Participant;

/** LeaderLatch, LeaderSelector. */
final class Leadership {
    private Leadership() {}

    static void addTo(Actor actor) {
        actor.on("latch.start", args -> {
            actor.recipe("latch", args.text(0), client -> new LeaderLatch(client, args.text(0), args.text(1))).start();
            return null;
        });
        actor.on("latch.await", args -> latch(actor, args.text(0)).await(args.number(1), TimeUnit.MILLISECONDS));
        actor.on("latch.leads", args -> latch(actor, args.text(0)).hasLeadership());
        actor.on("latch.leader", args -> latch(actor, args.text(0)).getLeader().getId());
        actor.on("latch.participants", args ->
            latch(actor, args.text(0)).getParticipants().stream().map(Participant::getId).sorted().toList());
        actor.on("latch.close", args -> actor.end("latch", args.text(0)));

        actor.on("selector.start", args -> {
            Term term = actor.recipe("term", args.text(0), client -> new Term());
            LeaderSelector selector = actor.recipe("selector", args.text(0), client -> new LeaderSelector(client, args.text(0), term));
            selector.setId(args.text(1));
            selector.start();
            return null;
        });
        actor.on("selector.await", args -> actor.<Term>recipe("term", args.text(0)).begun.await(args.number(1), TimeUnit.MILLISECONDS));
        actor.on("selector.leader", args -> actor.<LeaderSelector>recipe("selector", args.text(0)).getLeader().getId());
        actor.on("selector.resign", args -> {
            actor.<Term>recipe("term", args.text(0)).ended.countDown();
            return null;
        });
        actor.on("selector.close", args -> actor.end("selector", args.text(0)));
    }

    private static LeaderLatch latch(Actor actor, String path) {
        return actor.recipe("latch", path);
    }

    /** Leads until told to resign. */
    private static final class Term extends LeaderSelectorListenerAdapter {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch ended = new CountDownLatch(1);

        @Override
        public void takeLeadership(CuratorFramework client) throws Exception {
            begun.countDown();
            ended.await();
        }
    }
}
