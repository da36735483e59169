package dev.viber.api.task;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Where the artifacts of tasks are handed in by the vibers that made them, and had by clients.
 *
 * <p>Refusals are {@link dev.viber.api.problem.ProblemException}s; one about the wrong offset carries the right one as
 * {@code offset}.
 */
@ProviderType
public interface ArtifactDesk {
    /**
     * What a viber has to hand in.
     *
     * @param viberId who offers it, as proven by its token
     * @param attempt of the task, which fences off what an earlier attempt still sends
     * @param sha256 of the bytes, lower-case hex
     */
    record Offer(String viberId, String taskId, int attempt, String name, String type, long bytes, String sha256) {}

    /** An artifact opened to be read; the bytes stay readable until it is closed. */
    record Content(Artifact artifact, SeekableByteChannel bytes) implements Closeable {
        @Override
        public void close() throws IOException {
            bytes.close();
        }
    }

    /** The artifacts of a task, by name. */
    List<Artifact> list(String taskId);

    /** Opens an artifact. */
    Content open(String taskId, String name) throws IOException;

    /** How many of the offered bytes are here already; all of them where nothing more is to be sent. */
    long offset(Offer offer) throws IOException;

    /**
     * Takes bytes in from an offset to the end, in bounded memory; what came before a stream that broke off is kept.
     *
     * @return the artifact, whole, verified and durable
     */
    Artifact store(Offer offer, long from, InputStream bytes) throws IOException, InterruptedException;
}
