package dev.viber.rest;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.osgi.util.promise.Promise;

/** Waits for what a desk has promised, and asks its successor where it leaves meanwhile. */
final class Successors {
    private Successors() {}

    /**
     * What the promise comes to.
     *
     * @param asked asks whichever desk there is
     */
    static <T> T await(Supplier<Promise<T>> asked) throws InvocationTargetException, InterruptedException {
        while (true) {
            try {
                return asked.get().getValue();
            } catch (InvocationTargetException e) {
                if (!(e.getCause() instanceof CancellationException)) {
                    throw e;
                }
            }
        }
    }
}
