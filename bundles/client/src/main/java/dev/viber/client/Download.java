package dev.viber.client;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.rest.Routes;
import dev.viber.api.task.Artifact;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One artifact on its way here: over breaks of the connection, each part behind the last, its digest checked at the end. */
final class Download {
    private static final int MOST_BREAKS = 10;
    private static final int CHUNK = 64 * 1024;

    private final ViberClient client;
    private final String taskId;
    private final Artifact artifact;
    private final MessageDigest digest;
    private long have;

    Download(ViberClient client, String taskId, Artifact artifact) {
        this.client = client;
        this.taskId = taskId;
        this.artifact = artifact;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Writes all of it. @throws ProblemException where what came is not what was promised */
    void to(OutputStream out) throws IOException {
        for (int breaks = 0; have < artifact.bytes() || breaks == 0; breaks++) {
            UnreachableException broken = part(out);
            if (broken != null && breaks >= MOST_BREAKS) {
                throw broken;
            }
        }
        String got = HexFormat.of().formatHex(digest.digest());
        if (have != artifact.bytes() || !got.equals(artifact.sha256())) {
            throw new ProblemException(
                    Kind.INVALID,
                    "what came of the artifact '%s' has %d bytes and sha256 %s; wanted %d and %s"
                            .formatted(artifact.name(), have, got, artifact.bytes(), artifact.sha256()));
        }
    }

    /** Writes what one connection gives; null where it gave the rest. */
    private @Nullable UnreachableException part(OutputStream out) throws IOException {
        HttpRequest.Builder request = client.request(
                client.uri(Routes.GET_ARTIFACT, Map.of("taskId", taskId, "name", artifact.name()), Map.of()));
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-").header("If-Range", "\"" + artifact.sha256() + "\"");
        }
        HttpRequest built = request.build();
        HttpResponse<InputStream> response;
        try {
            response = client.send(built);
        } catch (UnreachableException e) {
            return e;
        }
        try (InputStream in = response.body()) {
            if (have > 0 && response.statusCode() != 206) {
                throw new ProblemException(
                        Kind.CONFLICT, "the artifact '%s' was replaced while it was read".formatted(artifact.name()));
            }
            byte[] chunk = new byte[CHUNK];
            while (true) {
                int n;
                try {
                    n = in.read(chunk);
                } catch (IOException e) {
                    return new UnreachableException(built.uri(), e);
                }
                if (n < 0) {
                    return null;
                }
                out.write(chunk, 0, n);
                digest.update(chunk, 0, n);
                have += n;
            }
        }
    }
}
