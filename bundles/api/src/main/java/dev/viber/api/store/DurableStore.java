package dev.viber.api.store;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import java.lang.reflect.InvocationTargetException;
import org.osgi.util.promise.Promise;

/**
 * The store behind a gate, for those who go on only when what they wrote is durable.
 *
 * <pre>{@code
 * Pool made = store.write(tables -> {
 *     if (tables.values().get(key).isPresent()) {
 *         throw new ProblemException(Kind.CONFLICT, "there is a pool named %s already".formatted(name));
 *     }
 *     ...
 * });
 * }</pre>
 *
 * <p>Safe for use by several threads.
 */
public final class DurableStore {
    private final Gate<Store> gate;

    /** The store that is behind this gate at the time of each call. */
    public DurableStore(Gate<Store> gate) {
        this.gate = gate;
    }

    /**
     * Answers a question from what is committed.
     *
     * @throws dev.viber.api.gate.GateShutException where no store came in time
     */
    public <T> T read(Store.Question<T> question) {
        return gate.call(store -> store.read(question));
    }

    /**
     * Makes a change, and returns when it is durable.
     *
     * @throws ProblemException as the change threw it, undoing itself
     * @throws StoreException where the change cannot be kept for another reason
     * @throws dev.viber.api.gate.GateShutException where no store came in time
     * @throws InterruptedException where the wait was interrupted; the change may be made nevertheless
     */
    public <T> T write(Store.Change<T> change) throws InterruptedException {
        Promise<T> promise = gate.callAsync(store -> store.write(change));
        try {
            return promise.getValue();
        } catch (InvocationTargetException e) {
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof ProblemException problem) {
                    throw problem;
                }
            }
            throw new StoreException("what was to be written cannot be kept: " + e.getCause(), e);
        }
    }
}
