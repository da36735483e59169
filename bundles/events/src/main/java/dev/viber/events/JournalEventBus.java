package dev.viber.events;

import dev.viber.api.event.EventBus;
import dev.viber.api.gate.Gate;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.util.promise.Promise;

/** The event bus over one store: the role it is configured with is the store's. */
@Component(
        service = EventBus.class,
        configurationPid = "dev.viber.events",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class JournalEventBus implements EventBus {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Gate<Store> store = new Gate<>("store of the event bus", PATIENCE);
    private final Map<String, Set<Follower>> byTopic = new ConcurrentHashMap<>();
    private final Set<Follower> byPattern = ConcurrentHashMap.newKeySet();
    private volatile Store.@Nullable Registration registration;

    /** Made by Declarative Services. */
    @Activate
    public JournalEventBus() {
        // Everything it needs comes by references.
    }

    @Reference(
            name = "store",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStore(Store found) {
        registration = found.listen(this::feed);
        store.open(found);
        // Commits between the old store's last and this registration were not fed.
        all(Follower::doubt);
    }

    void unbindStore(Store gone) {
        store.close(gone);
        all(Follower::doubt);
    }

    private void all(java.util.function.Consumer<Follower> action) {
        byTopic.values().forEach(followers -> followers.forEach(action));
        byPattern.forEach(action);
    }

    private void feed(List<Segment> segments) {
        for (Segment segment : segments) {
            Set<Follower> followers = byTopic.get(segment.topic());
            if (followers != null) {
                followers.forEach(follower -> follower.feed(List.of(segment)));
            }
        }
        byPattern.forEach(follower -> follower.feed(segments));
    }

    @Override
    public Promise<Long> publish(String topic, List<JournalEvent> events) {
        return store.callAsync(s -> s.write(tables -> tables.journal().append(topic, events)));
    }

    @Override
    public Cursor follow(String topic, long afterSeq) {
        Follower[] made = new Follower[1];
        Follower follower = new Follower(
                new TopicTrack(store, topic),
                afterSeq,
                () -> byTopic.computeIfPresent(topic, (name, followers) -> {
                    followers.remove(made[0]);
                    return followers.isEmpty() ? null : followers;
                }));
        made[0] = follower;
        byTopic.compute(topic, (name, followers) -> {
            Set<Follower> all = followers == null ? ConcurrentHashMap.newKeySet() : followers;
            all.add(follower);
            return all;
        });
        return follower;
    }

    @Override
    public Cursor followAll(List<String> patterns, long afterPosition) {
        long after = afterPosition == END
                ? store.call(s -> s.read(tables -> tables.journal().lastPosition()))
                : afterPosition;
        Follower[] made = new Follower[1];
        Follower follower =
                new Follower(new PatternTrack(store, List.copyOf(patterns)), after, () -> byPattern.remove(made[0]));
        made[0] = follower;
        byPattern.add(follower);
        return follower;
    }

    /** Ends every follower's wait. */
    @Deactivate
    void deactivate() {
        Store.Registration listening = registration;
        if (listening != null) {
            listening.close();
        }
        all(Follower::close);
    }
}
