package dev.viber.supervisor;

import dev.viber.api.vm.Monitor;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the process of a machine is ended. */
final class Endings {
    private static final Logger LOG = LoggerFactory.getLogger(Endings.class);
    private static final Duration QUIT = Duration.ofSeconds(3);

    private Endings() {}

    /**
     * Asks the guest, then the hypervisor, then nobody; returns when it is dead.
     *
     * @param patience how long the guest may take
     */
    static void end(String name, Running one, Duration patience) throws InterruptedException {
        ask(name, one);
        if (!one.awaitEnd(patience)) {
            LOG.info("the guest of {} did not end by itself", name);
            quit(name, one);
            if (!one.awaitEnd(QUIT)) {
                one.kill();
            }
        }
    }

    private static void ask(String name, Running one) {
        try {
            GuestControl control = one.control();
            if (control != null) {
                control.say("power-off", Map.of("reason", "it is to stop"));
            }
            Monitor monitor = one.monitor();
            if (monitor != null) {
                if (monitor.run() == Monitor.Run.PAUSED) {
                    monitor.resume(); // it hears nothing while it stands still
                }
                monitor.powerButton();
            }
        } catch (IOException e) {
            LOG.debug("vm {} does not hear that it is to stop", name, e);
        }
    }

    /** Asks the hypervisor. */
    static void quit(String name, Running one) {
        try {
            Monitor monitor = one.monitor();
            if (monitor != null) {
                monitor.quit();
            }
        } catch (IOException e) {
            LOG.debug("vm {} does not hear that it is to end", name, e);
        }
    }
}
