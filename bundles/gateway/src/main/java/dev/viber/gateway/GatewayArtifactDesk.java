package dev.viber.gateway;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.ArtifactRow;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.Artifact;
import dev.viber.api.task.ArtifactDesk;
import dev.viber.api.task.TaskLifecycle.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The gateway's desk for artifacts: bytes in files under their digest, names in the store. */
final class GatewayArtifactDesk implements ArtifactDesk {
    /** How much of the disk is left free. */
    private static final long RESERVE = 64L << 20;

    private final Gateway gateway;
    private final Blobs blobs;

    GatewayArtifactDesk(Gateway gateway) {
        this.gateway = gateway;
        this.blobs = gateway.blobs();
    }

    @Override
    public List<Artifact> list(String taskId) {
        return gateway.read(tables -> {
            if (tables.tasks().find(taskId).isEmpty()) {
                throw ProblemException.notFound("task", taskId);
            }
            return tables.artifacts().list(taskId).stream()
                    .map(GatewayArtifactDesk::view)
                    .toList();
        });
    }

    private static Artifact view(ArtifactRow row) {
        return new Artifact(row.name(), row.type(), row.bytes(), row.sha256(), row.createdAt());
    }

    @Override
    public Content open(String taskId, String name) throws IOException {
        ArtifactRow row = gateway.read(tables -> tables.artifacts().find(taskId, name))
                .orElseThrow(() -> ProblemException.notFound("artifact of task " + taskId, name));
        try {
            return new Content(view(row), blobs.open(row.sha256()));
        } catch (NoSuchFileException e) {
            throw ProblemException.notFound("artifact of task " + taskId, name);
        }
    }

    @Override
    public long offset(Offer offer) throws IOException {
        check(offer);
        try {
            Optional<ArtifactRow> had = gateway.read(tables -> accept(tables, offer));
            return had.isPresent() ? offer.bytes() : blobs.offset(offer.taskId(), offer.name(), offer.sha256());
        } catch (ProblemException e) {
            if (e.kind() == Kind.TOO_LARGE) {
                tellRefused(offer, e.getMessage());
            }
            throw e;
        }
    }

    @Override
    public Artifact store(Offer offer, long from, InputStream bytes) throws IOException {
        check(offer);
        Optional<ArtifactRow> had = gateway.read(tables -> accept(tables, offer));
        if (had.isPresent()) {
            return view(had.get());
        }
        if (blobs.free() - (offer.bytes() - from) < RESERVE) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "The gateway's disk has no room for the artifact '%s' of %d bytes"
                            .formatted(offer.name(), offer.bytes()));
        }
        return blobs.receive(
                offer.taskId(),
                offer.name(),
                offer.sha256(),
                offer.bytes(),
                from,
                bytes,
                () -> view(Inbound.await(gateway.change((tables, effects) -> keep(tables, offer)))));
    }

    private static void check(Offer offer) {
        String name = offer.name();
        if (name.isBlank()
                || name.startsWith(".")
                || name.length() > 200
                || name.chars().anyMatch(c -> c == '/' || c == '\\' || c < ' ' || c == 0x7f)) {
            throw ProblemException.invalid(
                    "/name",
                    "The artifact name '%s' is none; wanted a file name of 1 to 200 characters, without a slash or a dot at its start"
                            .formatted(name));
        }
        if (!offer.type().matches("[\\x20-\\x7e]{1,200}")) {
            throw ProblemException.invalid(
                    "/type", "The type of the artifact '%s' is not a media type such as text/plain".formatted(name));
        }
        if (!offer.sha256().matches("[0-9a-f]{64}")) {
            throw ProblemException.invalid("/sha256", "The digest is not 64 characters of lower-case hex");
        }
    }

    /** The row where it is here already; empty where it is to be sent. */
    private Optional<ArtifactRow> accept(Tables tables, Offer offer) {
        TaskRow task = tables.tasks()
                .find(offer.taskId())
                .filter(row ->
                        offer.viberId().equals(row.viberId()) && row.phase().isHeld())
                .orElseThrow(() -> ProblemException.notFound("task of yours", offer.taskId()));
        if (offer.attempt() > 0 && task.attempt() != offer.attempt()) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "The task is at attempt %d; attempt %d is over".formatted(task.attempt(), offer.attempt()));
        }
        Settings settings = gateway.settings();
        List<ArtifactRow> others = tables.artifacts().list(offer.taskId()).stream()
                .filter(row -> !row.name().equals(offer.name()))
                .toList();
        limit(offer, "its size in bytes", offer.bytes(), settings.artifactBytes());
        limit(
                offer,
                "the size of all artifacts of its task in bytes",
                offer.bytes() + others.stream().mapToLong(ArtifactRow::bytes).sum(),
                settings.taskArtifactBytes());
        limit(offer, "the number of artifacts of its task", others.size() + 1L, settings.taskArtifacts());
        return tables.artifacts()
                .find(offer.taskId(), offer.name())
                .filter(row -> row.sha256().equals(offer.sha256()) && row.type().equals(offer.type()));
    }

    private static void limit(Offer offer, String what, long is, long most) {
        if (is > most) {
            throw new ProblemException(
                    Kind.TOO_LARGE,
                    "The artifact '%s' is not kept: %s would be %d; wanted at most %d"
                            .formatted(offer.name(), what, is, most),
                    Map.of("limit", most));
        }
    }

    private ArtifactRow keep(Tables tables, Offer offer) {
        Optional<ArtifactRow> had = accept(tables, offer);
        if (had.isPresent()) {
            return had.get();
        }
        Instant now = Instant.now();
        ArtifactRow row = new ArtifactRow(
                offer.taskId(), offer.name(), offer.type(), offer.bytes(), offer.sha256(), offer.sha256(), now);
        tables.artifacts().put(row);
        tell(tables, offer, now, Map.of());
        return row;
    }

    private void tellRefused(Offer offer, @org.jspecify.annotations.Nullable String why) {
        Inbound.await(gateway.change((tables, effects) -> {
            // Once, however often it is offered.
            String key = "refused/" + offer.taskId() + "/" + offer.name();
            if (!tables.values().get(key).equals(Optional.of(offer.sha256()))) {
                tables.values().put(key, offer.sha256());
                tell(tables, offer, Instant.now(), Map.of("refused", String.valueOf(why)));
            }
            return true;
        }));
    }

    private static void tell(Tables tables, Offer offer, Instant now, Map<String, Object> more) {
        TaskRow task = tables.tasks().find(offer.taskId()).orElseThrow();
        if (task.phase().isEnded() || task.phase() == Phase.QUEUED) {
            return;
        }
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", offer.name());
        data.put("type", offer.type());
        data.put("bytes", offer.bytes());
        data.put("sha256", offer.sha256());
        data.putAll(more);
        tables.journal()
                .append(
                        TaskEdit.topic(offer.taskId()),
                        List.of(new JournalEvent("artifact", now.toEpochMilli(), Infos.json(data))));
    }
}
