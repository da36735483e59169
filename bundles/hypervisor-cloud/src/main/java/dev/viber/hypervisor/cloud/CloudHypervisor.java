package dev.viber.hypervisor.cloud;

import dev.viber.api.vm.Hypervisor;
import dev.viber.api.vm.HypervisorProgram;
import dev.viber.api.vm.Machine;
import dev.viber.api.vm.Monitor;
import dev.viber.api.vm.ProbeMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Machines under Cloud Hypervisor, which needs KVM. Its serial file is begun anew at each boot, where others append.
 *
 * <p>It is asked first: where it can run, it starts sooner and holds less than QEMU.
 */
@Component(
        service = Hypervisor.class,
        configurationPid = CloudSettings.PID,
        property = {Hypervisor.NAME + "=" + CloudHypervisor.CLOUD, "service.ranking:Integer=10"})
@Designate(ocd = CloudSettings.class)
public final class CloudHypervisor implements Hypervisor, AutoCloseable {
    static final String CLOUD = "cloud-hypervisor";

    private static final Logger LOG = LoggerFactory.getLogger(CloudHypervisor.class);
    private static final Pattern VERSION = Pattern.compile("cloud-hypervisor v?(\\S+)");

    private final String binary;
    private final boolean landlock;
    private final Duration probeLimit;
    private final Duration answerLimit;
    private final Duration controlLimit;
    private final ProbeMemory memory;
    private final EventFiles eventFiles = new EventFiles();

    /** Made by Declarative Services. */
    @Activate
    public CloudHypervisor(CloudSettings settings) {
        this(settings, System.getenv().getOrDefault("CLOUD_HYPERVISOR", CLOUD));
    }

    CloudHypervisor(CloudSettings settings, String byDefault) {
        binary = settings.binary().isBlank() ? byDefault : settings.binary();
        landlock = settings.landlock();
        probeLimit = Duration.ofSeconds(within("probe.limit.s", settings.probe_limit_s(), 1, 600));
        answerLimit = Duration.ofMillis(within("answer.limit.ms", settings.answer_limit_ms(), 100, 600_000));
        controlLimit = Duration.ofMillis(within("control.limit.ms", settings.control_limit_ms(), 100, 600_000));
        memory = new ProbeMemory(settings.probe_file().isBlank() ? null : Path.of(settings.probe_file()));
    }

    @Override
    @Deactivate
    public void close() {
        eventFiles.close();
    }

    @Override
    public synchronized Probe probe() throws InterruptedException {
        Path program = HypervisorProgram.find(binary);
        if (program == null) {
            return new Probe(
                    null,
                    null,
                    "Cloud Hypervisor was not found as '%s'; say where it is by CLOUD_HYPERVISOR or %s: binary"
                            .formatted(binary, CloudSettings.PID));
        }
        try {
            String key = ProbeMemory.key(program);
            Probe known = memory.get(key);
            if (known != null) {
                return known;
            }
            Probe probe = look(program);
            memory.put(key, probe);
            LOG.info("Cloud Hypervisor {}: {}", probe.version(), probe.reason());
            return probe;
        } catch (IOException e) {
            return new Probe(null, null, "Cloud Hypervisor could not be tried: " + e.getMessage());
        }
    }

    private Probe look(Path program) throws IOException, InterruptedException {
        String version = HypervisorProgram.version(program, VERSION, "cloud-hypervisor ...");
        if (!Files.exists(Path.of("/dev/kvm"))) {
            return new Probe(null, version, "this host has no /dev/kvm");
        }
        if (!ProbeMemory.mayUseKvm()) {
            return new Probe(null, version, "/dev/kvm may not be used by this user (group kvm)");
        }
        String fault = CloudProof.fault(new CloudFiles(program, landlock), probeLimit);
        return fault.isEmpty()
                ? new Probe("kvm", version, "a guest booted under KVM")
                : new Probe(null, version, "/dev/kvm is there, but under it " + fault);
    }

    @Override
    public String likeness() throws IOException, InterruptedException {
        Probe probe = probe();
        if (!probe.canRun()) {
            throw new IOException(probe.reason());
        }
        return "%s %s kvm %s".formatted(CLOUD, probe.version(), HypervisorProgram.processor());
    }

    @Override
    public Command command(Machine machine) throws IOException, InterruptedException {
        Probe probe = probe();
        Path program = HypervisorProgram.find(binary);
        if (!probe.canRun() || program == null) {
            throw new IOException(probe.reason());
        }
        List<String> line = new CloudFiles(program, landlock).process(machine);
        CloudFiles.clear(machine);
        // Else its errors carry backtraces, among the words that tell them apart.
        return new Command(line, Map.of("RUST_BACKTRACE", "0"));
    }

    @Override
    public Monitor attach(Machine machine, Duration patience, Monitor.Listener events)
            throws IOException, InterruptedException {
        CloudFiles files = new CloudFiles(Path.of(binary), landlock);
        return CloudMonitor.attach(machine, files, eventFiles, patience, answerLimit, controlLimit, events);
    }

    private static int within(String property, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("%s: %s: %d: wanted a number from %d to %d"
                    .formatted(CloudSettings.PID, property, value, least, most));
        }
        return value;
    }
}
