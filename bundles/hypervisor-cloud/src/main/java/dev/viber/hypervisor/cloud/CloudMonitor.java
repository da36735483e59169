package dev.viber.hypervisor.cloud;

import dev.viber.api.vm.Console;
import dev.viber.api.vm.FileArrival;
import dev.viber.api.vm.Machine;
import dev.viber.api.vm.Monitor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The conversation with the Cloud Hypervisor of one machine. */
final class CloudMonitor implements Monitor {
    private static final Logger LOG = LoggerFactory.getLogger(CloudMonitor.class);
    private static final int KNOCKS = 25;

    private final Machine machine;
    private final CloudFiles files;
    private final CloudApi api;
    private final EventStream events;
    private final GuestLine line;
    private final Listener listener;
    private final ExecutorService telling;
    private final CountDownLatch attached = new CountDownLatch(1);
    private final List<Runnable> ends = new ArrayList<>();
    private volatile @Nullable SocketChannel life;
    private volatile boolean quitting;
    private volatile boolean closed;
    /** Whether it was told that the machine ends; of the telling thread alone. */
    private boolean ending;

    private CloudMonitor(
            Machine machine, CloudFiles files, Duration answerPatience, Duration controlPatience, Listener listener)
            throws IOException {
        this.machine = machine;
        this.files = files;
        this.listener = listener;
        api = new CloudApi(CloudFiles.apiSocket(machine), answerPatience);
        events = new EventStream(CloudFiles.events(machine));
        line = new GuestLine(machine, controlPatience);
        // One thread, beside those that read: what is told may ask back.
        telling = Executors.newSingleThreadExecutor(
                Thread.ofVirtual().name("events of " + machine.name()).factory());
        // Nothing is told of a monitor that nobody has yet, or never gets.
        later(attached::await);
    }

    /** Connects, waiting for the process to listen. */
    static CloudMonitor attach(
            Machine machine,
            CloudFiles files,
            EventFiles eventFiles,
            Duration patience,
            Duration answerPatience,
            Duration controlPatience,
            Listener listener)
            throws IOException, InterruptedException {
        if (!FileArrival.await(CloudFiles.apiSocket(machine), patience)) {
            throw new IOException("Cloud Hypervisor of '%s' did not open %s within %d ms"
                    .formatted(machine.name(), CloudFiles.apiSocket(machine), patience.toMillis()));
        }
        SocketChannel life;
        try {
            life = CloudApi.connect(CloudFiles.apiSocket(machine));
        } catch (IOException e) {
            throw new IOException(
                    "Cloud Hypervisor of '%s' does not answer: %s".formatted(machine.name(), e.getMessage()), e);
        }
        CloudMonitor monitor;
        try {
            monitor = new CloudMonitor(machine, files, answerPatience, controlPatience, listener);
        } catch (IOException e) {
            end(life);
            throw e;
        }
        try {
            monitor.life = life;
            monitor.api.get("vmm.ping");
            Runnable end = eventFiles.follow(
                    CloudFiles.events(machine), () -> monitor.later(() -> monitor.tellAll(monitor.events.next())));
            monitor.ends.add(end);
            monitor.later(() -> monitor.tellAll(standing(monitor.events.next())));
            Thread.ofVirtual().name("life of " + machine.name()).start(monitor::waitForEnd);
            monitor.attached.countDown();
            return monitor;
        } catch (IOException | RuntimeException e) {
            monitor.close();
            throw e;
        }
    }

    /** Of what happened while nobody listened, what is still so; each once. */
    private static List<EventStream.Event> standing(List<EventStream.Event> history) {
        Set<EventStream.Event> left = new LinkedHashSet<>();
        for (EventStream.Event each : history) {
            if (each.source().equals("vm") && each.name().equals("booted")) {
                left.clear();
            }
            left.add(each);
        }
        return List.copyOf(left);
    }

    /** A connection of its own that asks nothing: it ends when the process does, and at no other time. */
    private void waitForEnd() {
        ByteBuffer bytes = ByteBuffer.allocate(1024);
        for (int knock = 1; ; knock++) {
            SocketChannel present = life;
            boolean heard = false;
            try {
                while (present != null && present.read(bytes.clear()) >= 0) {
                    heard = true; // turned away, for too many connections
                }
            } catch (IOException e) {
                LOG.debug("{}: {}", machine.name(), e.getMessage());
            }
            if (closed || !heard || knock == KNOCKS) {
                break;
            }
            try {
                end(present);
                life = CloudApi.connect(CloudFiles.apiSocket(machine));
            } catch (IOException e) {
                break;
            }
        }
        later(() -> {
            tellAll(events.next());
            if (quitting && !ending) {
                listener.happened(Event.HOST_SHUTDOWN);
            }
            listener.happened(Event.LOST);
        });
    }

    private void tellAll(List<EventStream.Event> all) {
        for (EventStream.Event each : all) {
            LOG.debug("{}: {}", machine.name(), each);
            switch (each.source() + " " + each.name()) {
                case "guest panic" -> listener.happened(Event.PANIC);
                // It does so in place, for as long as it likes.
                case "vm rebooting" -> listener.happened(Event.RESET);
                case "vm shutdown" -> shutDown();
                default -> {}
            }
        }
    }

    /** The machine ended: by its guest if the process is still there for us to end, else by a signal to that. */
    private void shutDown() {
        if (quitting || ending) {
            return;
        }
        try {
            if (!state().equals("Created")) {
                return; // deleted here, for it did not boot; or booted again meanwhile
            }
            ending = true;
            listener.happened(Event.GUEST_SHUTDOWN);
            api.put("vmm.shutdown");
        } catch (IOException e) {
            LOG.debug("{}: {}", machine.name(), e.getMessage());
            if (!ending) {
                ending = true;
                listener.happened(Event.HOST_SHUTDOWN);
            }
        }
    }

    /** What can fail when the process ends meanwhile. */
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
                    LOG.debug("{}: {}", machine.name(), e.getMessage());
                } catch (RuntimeException e) {
                    LOG.warn("{}: whoever listens failed: {}", machine.name(), e.toString(), e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: told too late: {}", machine.name(), e.getMessage());
        }
    }

    /** Created, Running or Paused; empty where there is no machine in the process. */
    private String state() throws IOException {
        try {
            return api.get("vm.info").path("state").asString("");
        } catch (CloudRefusal e) {
            if (e.hasNoMachine()) {
                return "";
            }
            throw e;
        }
    }

    @Override
    public void boot() throws IOException {
        String state = state();
        if (state.equals("Running") || state.equals("Paused")) {
            return;
        }
        if (!state.isEmpty()) {
            // Somebody died between creating and booting it; what a failed boot leaves lacks devices.
            api.put("vm.delete");
        }
        try {
            api.put("vm.create", files.config(machine));
            api.put("vm.boot");
        } catch (IOException e) {
            try {
                api.put("vm.delete");
            } catch (IOException too) {
                e.addSuppressed(too);
            }
            throw e;
        }
    }

    @Override
    public Run run() throws IOException {
        String state = state();
        return switch (state) {
            case "Running" -> Run.RUNNING;
            case "Paused" -> Run.PAUSED;
            default ->
                throw new IOException(
                        "'%s' is not booted (%s)".formatted(machine.name(), state.isEmpty() ? "not created" : state));
        };
    }

    @Override
    public void pause() throws IOException {
        if (run() != Run.PAUSED) {
            api.put("vm.pause");
        }
    }

    @Override
    public void resume() throws IOException {
        if (run() != Run.RUNNING) {
            api.put("vm.resume");
        }
    }

    @Override
    public List<String> snapshot(long pid, Path folder) throws IOException {
        return new CloudSnapshot(machine, files).make(folder);
    }

    @Override
    public void restore() throws IOException {
        Path template = machine.template();
        if (template == null) {
            throw new IllegalStateException("'%s' has no template".formatted(machine.name()));
        }
        new CloudSnapshot(machine, files).load(template);
    }

    @Override
    public void powerButton() throws IOException {
        api.put("vm.power-button");
    }

    @Override
    public void quit() throws IOException {
        quitting = true;
        api.put("vmm.shutdown");
    }

    @Override
    public SocketChannel control() throws IOException {
        return line.open();
    }

    /** Its serial port is written to a file, which it could not be beside a socket. */
    @Override
    public @Nullable Console console() {
        return null;
    }

    private static void end(@Nullable SocketChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            LOG.debug("closing: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        closed = true;
        attached.countDown();
        telling.shutdown();
        ends.forEach(Runnable::run);
        api.close();
        end(life);
        line.close();
    }
}
