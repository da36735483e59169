package dev.viber.rest;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.viber.api.metric.Metric;
import dev.viber.api.metric.Metric.Kind;
import dev.viber.api.metric.Metric.Sample;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/** The figures that every process has, by the names all Prometheus clients give them. */
final class ProcessFigures {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final double NANOS = 1e9;

    private ProcessFigures() {}

    static List<Metric> metrics() {
        List<Metric> all = new ArrayList<>();
        all.add(buildInfo());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            all.add(Metric.counter(
                    "process_cpu_seconds_total",
                    "CPU time of the process, user and system.",
                    Math.max(0, system.getProcessCpuTime()) / NANOS));
            all.add(Metric.gauge(
                    "process_virtual_memory_bytes",
                    "Address space of the process.",
                    system.getCommittedVirtualMemorySize()));
        }
        all.add(Metric.gauge("process_resident_memory_bytes", "Memory of the process that is in use.", resident()));
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            all.add(Metric.gauge("process_open_fds", "Open file descriptors.", system.getOpenFileDescriptorCount()));
            all.add(Metric.gauge(
                    "process_max_fds", "The most file descriptors there may be.", system.getMaxFileDescriptorCount()));
        }
        all.add(Metric.gauge(
                "process_start_time_seconds",
                "When the process began, in seconds since 1970.",
                ProcessHandle.current()
                                .info()
                                .startInstant()
                                .orElse(Instant.EPOCH)
                                .toEpochMilli()
                        / 1000.0));
        all.add(memory("jvm_memory_used_bytes", "Memory in use, by area.", MemoryUsage::getUsed));
        all.add(memory(
                "jvm_memory_committed_bytes", "Memory had from the system, by area.", MemoryUsage::getCommitted));
        all.add(memory(
                "jvm_memory_max_bytes",
                "The most memory there may be, by area; -1 for no limit.",
                MemoryUsage::getMax));
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        all.add(Metric.gauge(
                "jvm_threads_current", "Platform threads; virtual ones do not count.", threads.getThreadCount()));
        all.add(Metric.gauge(
                "jvm_threads_daemon",
                "Platform threads that do not keep the process alive.",
                threads.getDaemonThreadCount()));
        all.add(Metric.gauge(
                "jvm_threads_peak", "The most platform threads there were at once.", threads.getPeakThreadCount()));
        all.add(collectors(
                "jvm_gc_collections_total",
                "Garbage collections, by collector.",
                GarbageCollectorMXBean::getCollectionCount));
        all.add(collectors(
                "jvm_gc_collection_seconds_total",
                "Time spent on garbage collections, by collector.",
                gc -> gc.getCollectionTime() / 1000.0));
        return all;
    }

    private static Metric buildInfo() {
        Bundle bundle = FrameworkUtil.getBundle(ProcessFigures.class);
        String version = bundle == null ? "unpacked" : bundle.getVersion().toString();
        return new Metric(
                        "viber_build_info",
                        Kind.GAUGE,
                        "Which program this is; always 1.",
                        List.of(new Sample("", Map.of("version", version), 1)))
                .with("java", Runtime.version().toString());
    }

    private static Metric memory(String name, String help, ToLongFunction<MemoryUsage> part) {
        var memory = ManagementFactory.getMemoryMXBean();
        return Metric.gauge(
                name,
                help,
                "area",
                Map.of(
                        "heap", part.applyAsLong(memory.getHeapMemoryUsage()),
                        "nonheap", part.applyAsLong(memory.getNonHeapMemoryUsage())));
    }

    private static Metric collectors(String name, String help, ToDoubleFunction<GarbageCollectorMXBean> part) {
        List<Sample> samples = ManagementFactory.getGarbageCollectorMXBeans().stream()
                .map(gc -> new Sample("", Map.of("gc", gc.getName()), Math.max(0, part.applyAsDouble(gc))))
                .toList();
        return new Metric(name, Kind.COUNTER, help, samples);
    }

    /** Of what the JDK does not tell; 0 where the system has no such file. */
    private static long resident() {
        try {
            if (!Files.isReadable(STATUS)) {
                return 0;
            }
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
