package dev.viber.hypervisor.qemu;

import dev.viber.api.vm.Console;
import dev.viber.api.vm.FileArrival;
import dev.viber.api.vm.Machine;
import dev.viber.api.vm.Monitor;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** The conversation with the QEMU of one machine. */
final class QemuMonitor implements Monitor, Qmp.Events {
    private static final Logger LOG = LoggerFactory.getLogger(QemuMonitor.class);

    private final String name;
    private final Path controlSocket;
    private final Machine machine;
    private final Listener listener;
    private final QemuSnapshot.Migration migration = new QemuSnapshot.Migration();
    private final SerialLimit serial;
    private final ExecutorService telling;
    private final CountDownLatch attached = new CountDownLatch(1);
    private volatile @Nullable Qmp qmp;
    private volatile boolean closed;
    private @Nullable SocketChannel control;
    private final AtomicReference<@Nullable QemuConsole> console = new AtomicReference<>();

    private QemuMonitor(Machine machine, Listener listener) {
        this.machine = machine;
        name = machine.name();
        controlSocket = QemuCommand.controlSocket(machine);
        this.listener = listener;
        serial = new SerialLimit(machine.serial());
        // One thread, beside the one that reads: what is told may ask back.
        telling = Executors.newSingleThreadExecutor(
                Thread.ofVirtual().name("events of " + name).factory());
        // Nothing is told of a monitor that nobody has yet, or never gets.
        later(attached::await);
    }

    /** Connects, waiting for QEMU to listen. */
    static QemuMonitor attach(Machine machine, Duration patience, Duration answerPatience, Listener listener)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        // The control channel's socket is made after QMP's: when it is there, QMP's is not only made but listened at.
        if (!FileArrival.await(QemuCommand.controlSocket(machine), patience)) {
            throw new IOException("QEMU of '%s' did not open %s within %d ms"
                    .formatted(machine.name(), QemuCommand.controlSocket(machine), patience.toMillis()));
        }
        QemuMonitor monitor = new QemuMonitor(machine, listener);
        try {
            Qmp qmp = Qmp.connect(
                    QemuCommand.qmpSocket(machine),
                    Duration.ofNanos(Math.max(1, end - System.nanoTime())),
                    answerPatience,
                    monitor);
            monitor.qmp = qmp;
            QemuSnapshot.clear(machine.folder());
            // What happened while nobody listened.
            monitor.tell(standing(qmp.execute("query-status")));
            monitor.attached.countDown();
            return monitor;
        } catch (IOException e) {
            monitor.close();
            throw new IOException("QEMU of '%s' does not answer: %s".formatted(machine.name(), e.getMessage()), e);
        } catch (InterruptedException | RuntimeException e) {
            monitor.close();
            throw e;
        }
    }

    private static @Nullable Event standing(JsonNode status) {
        return switch (status.path("status").asString("")) {
            case "internal-error", "io-error" -> Event.INTERNAL_ERROR;
            case "guest-panicked" -> Event.PANIC;
            default -> null;
        };
    }

    @Override
    public void event(String event, JsonNode data) {
        LOG.debug("{}: {} {}", name, event, data);
        switch (event) {
            case "GUEST_PANICKED" -> tell(Event.PANIC);
            case "MIGRATION" -> migration.told(data.path("status").asString(""));
            case "RESET" -> tell(Event.RESET);
            case "SHUTDOWN" -> tell(ending(data.path("reason").asString("")));
            // Paused by somebody, or unable to go on: only its status tells.
            case "STOP" -> later(() -> tell(standing(connected().execute("query-status"))));
            default -> {}
        }
    }

    private static @Nullable Event ending(String reason) {
        return switch (reason) {
            case "guest-shutdown" -> Event.GUEST_SHUTDOWN;
            // With -no-reboot a reset ends the process.
            case "guest-reset", "subsystem-reset" -> Event.RESET;
            case "guest-panic" -> null; // GUEST_PANICKED has told it
            case "host-error" -> Event.INTERNAL_ERROR;
            default -> Event.HOST_SHUTDOWN;
        };
    }

    @Override
    public void ended() {
        migration.told("failed");
        endConsole(Console.End.LET_GO);
        tell(Event.LOST);
    }

    private void tell(@Nullable Event event) {
        if (event != null) {
            later(() -> listener.happened(event));
        }
    }

    /** What may fail to be asked, when the process ends meanwhile. */
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private void later(Step step) {
        try {
            telling.execute(() -> {
                if (closed) {
                    return;
                }
                try {
                    step.run();
                } catch (IOException | InterruptedException e) {
                    LOG.debug("{}: {}", name, e.getMessage());
                } catch (RuntimeException e) {
                    LOG.warn("{}: whoever listens failed: {}", name, e.toString(), e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: told too late: {}", name, e.getMessage());
        }
    }

    private Qmp connected() throws IOException {
        Qmp present = qmp;
        if (present == null || closed) {
            throw new IOException("the conversation with QEMU of '%s' is closed".formatted(name));
        }
        return present;
    }

    @Override
    public void boot() throws IOException {
        // It runs since it was started, unless somebody started it by hand with -S.
        if (connected().execute("query-status").path("status").asString("").equals("prelaunch")) {
            connected().execute("cont");
        }
    }

    @Override
    public Run run() throws IOException {
        return connected().execute("query-status").path("running").asBoolean(false) ? Run.RUNNING : Run.PAUSED;
    }

    @Override
    public void pause() throws IOException {
        connected().execute("stop");
    }

    @Override
    public void resume() throws IOException {
        connected().execute("cont");
    }

    @Override
    public List<String> snapshot(long pid, Path folder) throws IOException, InterruptedException {
        return new QemuSnapshot(connected(), migration, machine.folder()).make(pid, folder);
    }

    @Override
    public void restore() throws IOException, InterruptedException {
        Path template = machine.template();
        if (template == null) {
            throw new IllegalStateException("'%s' has no template".formatted(name));
        }
        new QemuSnapshot(connected(), migration, machine.folder()).load(template);
    }

    @Override
    public void powerButton() throws IOException {
        connected().execute("system_powerdown");
    }

    @Override
    public void quit() throws IOException {
        connected().execute("quit");
    }

    @Override
    public synchronized SocketChannel control() throws IOException {
        // QEMU lets one in at a time: the next would wait for this one's end.
        end(control);
        control = null;
        SocketChannel opened = SocketChannel.open(UnixDomainSocketAddress.of(controlSocket));
        control = opened;
        return opened;
    }

    @Override
    public synchronized @Nullable Console console() throws IOException {
        endConsole(Console.End.ELSEWHERE);
        if (closed || !QemuConsole.isThere(machine)) {
            return null; // let go of, or started by a server that knew of no pipe
        }
        QemuConsole opened = QemuConsole.open(machine);
        console.set(opened);
        return opened;
    }

    private void endConsole(Console.End why) {
        QemuConsole had = console.getAndSet(null);
        if (had != null) {
            had.end(why);
        }
    }

    private void end(@Nullable SocketChannel had) {
        if (had != null) {
            try {
                had.close();
            } catch (IOException e) {
                LOG.debug("{}: closing: {}", name, e.getMessage());
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        end(control);
        endConsole(Console.End.LET_GO);
        attached.countDown();
        telling.shutdown();
        serial.close();
        Qmp present = qmp;
        if (present != null) {
            present.close();
        }
    }
}
