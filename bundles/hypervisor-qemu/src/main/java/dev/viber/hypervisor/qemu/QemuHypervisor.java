package dev.viber.hypervisor.qemu;

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
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Machines under QEMU, with KVM where that really works, else emulated. */
@Component(
        service = Hypervisor.class,
        configurationPid = QemuSettings.PID,
        property = Hypervisor.NAME + "=" + QemuHypervisor.QEMU)
@Designate(ocd = QemuSettings.class)
public final class QemuHypervisor implements Hypervisor {
    static final String QEMU = "qemu";

    private static final Logger LOG = LoggerFactory.getLogger(QemuHypervisor.class);
    private static final Pattern VERSION = Pattern.compile("QEMU emulator version (\\S+)");
    private static final List<String> TYPES = List.of("q35", "microvm");
    private static final List<String> ACCELERATORS = List.of("auto", "kvm", "tcg");
    private static final int SLOWER = 10;

    private final String binary;
    private final String type;
    private final String accelerator;
    private final int tbSizeMb;
    private final Duration probeLimit;
    private final Duration answerLimit;
    private final ProbeMemory memory;

    /** Made by Declarative Services. */
    @Activate
    public QemuHypervisor(QemuSettings settings) {
        binary = settings.binary();
        type = oneOf("machine", settings.machine(), TYPES);
        accelerator = oneOf("accelerator", settings.accelerator(), ACCELERATORS);
        tbSizeMb = within("tb.size.mb", settings.tb_size_mb(), 8, 2048);
        probeLimit = Duration.ofSeconds(within("probe.limit.s", settings.probe_limit_s(), 1, 600));
        answerLimit = Duration.ofMillis(within("answer.limit.ms", settings.answer_limit_ms(), 100, 600_000));
        memory = new ProbeMemory(settings.probe_file().isBlank() ? null : Path.of(settings.probe_file()));
    }

    @Override
    public synchronized Probe probe() throws InterruptedException {
        Path program = HypervisorProgram.find(binary);
        if (program == null) {
            return new Probe(
                    null,
                    null,
                    "QEMU was not found as '%s'; install qemu-system-x86, or say where it is by %s: binary"
                            .formatted(binary, QemuSettings.PID));
        }
        try {
            String key = "%s %s %s".formatted(ProbeMemory.key(program), type, accelerator);
            Probe known = memory.get(key);
            if (known != null) {
                return known;
            }
            Probe probe = look(program);
            memory.put(key, probe);
            LOG.info("QEMU {}: {}", probe.version(), probe.reason());
            return probe;
        } catch (IOException e) {
            return new Probe(null, null, "QEMU could not be tried: " + e.getMessage());
        }
    }

    private Probe look(Path program) throws IOException, InterruptedException {
        String version = HypervisorProgram.version(program, VERSION, "QEMU emulator version ...");
        String noKvm;
        if (accelerator.equals("tcg")) {
            noKvm = "the configuration says tcg";
        } else if (!Files.exists(Path.of("/dev/kvm"))) {
            noKvm = "this host has no /dev/kvm";
        } else if (!ProbeMemory.mayUseKvm()) {
            noKvm = "/dev/kvm may not be used by this user (group kvm)";
        } else {
            noKvm = QemuProof.fault(command(program, "kvm"), probeLimit);
            if (noKvm.isEmpty()) {
                return new Probe("kvm", version, "a guest booted under KVM");
            }
            noKvm = "/dev/kvm is there, but under it " + noKvm;
        }
        if (accelerator.equals("kvm")) {
            return new Probe(null, version, "the configuration says kvm: " + noKvm);
        }
        String noTcg = QemuProof.fault(command(program, "tcg"), probeLimit.multipliedBy(SLOWER));
        return noTcg.isEmpty()
                ? new Probe("tcg", version, "emulation: " + noKvm)
                : new Probe(null, version, "no KVM: %s; no emulation: %s".formatted(noKvm, noTcg));
    }

    private QemuCommand command(Path program, String under) {
        return new QemuCommand(program, type, under, tbSizeMb);
    }

    @Override
    public String likeness() throws IOException, InterruptedException {
        Probe probe = probe();
        if (!probe.canRun()) {
            throw new IOException(probe.reason());
        }
        // Under KVM a guest has the host's processor, and has found out what that can do.
        String processor = "kvm".equals(probe.accelerator()) ? HypervisorProgram.processor() : "max";
        return "%s %s %s %s %s".formatted(QEMU, probe.version(), type, probe.accelerator(), processor);
    }

    @Override
    public Command command(Machine machine) throws IOException, InterruptedException {
        Probe probe = probe();
        Path program = HypervisorProgram.find(binary);
        String under = probe.accelerator();
        if (under == null || program == null) {
            throw new IOException(probe.reason());
        }
        List<String> line = command(program, under).of(machine);
        // A socket that a dead process left would pass for the next one's.
        Files.deleteIfExists(QemuCommand.controlSocket(machine));
        Files.deleteIfExists(QemuCommand.qmpSocket(machine));
        QemuConsole.prepare(machine);
        return new Command(line, Map.of());
    }

    @Override
    public Monitor attach(Machine machine, Duration patience, Monitor.Listener events)
            throws IOException, InterruptedException {
        return QemuMonitor.attach(machine, patience, answerLimit, events);
    }

    private static String oneOf(String property, String value, List<String> wanted) {
        if (!wanted.contains(value)) {
            throw new IllegalArgumentException(
                    "%s: %s: '%s': wanted one of %s".formatted(QemuSettings.PID, property, value, wanted));
        }
        return value;
    }

    private static int within(String property, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("%s: %s: %d: wanted a number from %d to %d"
                    .formatted(QemuSettings.PID, property, value, least, most));
        }
        return value;
    }
}
