package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.itest.process.Sse.Event;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.LongStream;
import tools.jackson.databind.JsonNode;

/** What is promised of a task's events, checked from outside. */
final class Oracle {
    private Oracle() {}

    /** The task ended once, as it is shown to have, and each reader saw exactly its events: seq 1 to n. */
    static void wholeForAll(Cluster cluster, JsonNode task, Collection<Sse> readers) throws InterruptedException {
        String taskId = task.path("id").asString();
        JsonNode items = cluster.insist(rest -> Rest.served(rest.get("/tasks/" + taskId + "/events?limit=10000")))
                .expect(200)
                .path("items");
        List<JsonNode> fetched = new ArrayList<>();
        items.forEach(fetched::add);
        List<Long> whole =
                LongStream.rangeClosed(1, task.path("lastSeq").asLong()).boxed().toList();
        assertThat(fetched).extracting(event -> event.path("seq").asLong()).isEqualTo(whole);
        assertThat(fetched)
                .filteredOn(event -> Sse.LAST.contains(event.path("kind").asString()))
                .as("%s ends once", taskId)
                .hasSize(1)
                .containsExactly(fetched.getLast());
        assertThat(task.path("status").asString())
                .as("the state shown is that of the last event")
                .isEqualTo(fetched.getLast().path("kind").asString());
        for (Sse reader : readers) {
            List<Event> seen = reader.events();
            assertThat(seen)
                    .extracting(Event::seq)
                    .as("what a reader of %s saw", taskId)
                    .isEqualTo(whole);
            assertThat(seen).extracting(Event::data).isEqualTo(fetched);
        }
    }
}
