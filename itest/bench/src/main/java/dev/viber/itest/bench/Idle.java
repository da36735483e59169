package dev.viber.itest.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What vibers that have nothing to do cost the gateway: memory for each, and time when all come back at once. */
record Idle(Herd.Storm storm, int storming, double kibPerConnection, int idle, int pings) {
    /** Long enough for two pings to go unanswered, were they not answered. */
    private static final Duration HELD = Duration.ofSeconds(75);

    /**
     * Kills a gateway that knows them all, starts it again and has {@code storming} vibers connect in the same moment;
     * then has {@code idle} connected for a while, and sends a task to the last.
     */
    static Idle measure(Path home, Path folder, int storming, int idle) throws IOException, InterruptedException {
        Herd herd;
        try (Server gateway = Server.gateway(home, folder)) {
            herd = new Herd(gateway, "idle", idle);
            gateway.kill();
        }
        try (herd;
                Server gateway = Server.gateway(home, folder)) {
            Herd.Storm storm = herd.storm(gateway.api(), storming);
            System.out.println("%,d vibers welcome after %.1f s".formatted(storming, storm.all()));
            herd.close();
            awaitOnline(gateway, 0);
            // The storm has paid for the code and the pools that all share.
            long before = settled(gateway);
            herd.storm(gateway.api(), idle);
            long after = settled(gateway);
            JsonNode task = gateway.post("/tasks", Map.of("goal", "nothing", "viberId", "idle" + (idle - 1)));
            Herd.Quiet quiet = herd.hold(HELD, 1);
            if (!quiet.tasks().equals(List.of(task.path("id").asString()))) {
                throw new IOException("sent " + task + ", received " + quiet.tasks());
            }
            awaitOnline(gateway, idle);
            return new Idle(storm, storming, (double) (after - before) / idle, idle, quiet.pings());
        }
    }

    private static void awaitOnline(Server gateway, int wanted) throws IOException, InterruptedException {
        while (gateway.get("/system/status").path("vibers").path("online").asInt(-1) != wanted) {
            Thread.sleep(50);
        }
    }

    private static long settled(Server gateway) throws IOException, InterruptedException {
        for (int i = 0; i < 3; i++) {
            Proc.collect(gateway.pid());
        }
        return Proc.rssKib(gateway.pid());
    }
}
