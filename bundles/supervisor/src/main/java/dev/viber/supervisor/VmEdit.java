package dev.viber.supervisor;

import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.Lease;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmSpec;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** A row being changed: what is not set stays. */
final class VmEdit {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final VmRow row;
    private Phase phase;
    private Processes.@Nullable Identity process;
    private @Nullable String kernelCmdline;
    private @Nullable String hypervisor;
    private @Nullable String accelerator;
    private @Nullable String error;
    private String guest;
    private @Nullable Instant startedAt;
    private @Nullable Instant readyAt;
    private @Nullable Long origin;
    private @Nullable String because;

    VmEdit(VmRow row) {
        this.row = row;
        phase = row.phase();
        process = processOf(row);
        kernelCmdline = row.kernelCmdline();
        hypervisor = row.hypervisor();
        accelerator = row.accelerator();
        error = row.error();
        guest = row.guest();
        startedAt = row.startedAt();
        readyAt = row.readyAt();
        origin = row.origin();
    }

    /** A new row, of a VM that is to be. */
    static VmRow newRow(VmSpec spec, @Nullable Long origin, String address, String token, Instant now) {
        Lease lease = new Lease(address);
        return new VmRow(
                0,
                spec.name(),
                Phase.PENDING,
                text(spec),
                null,
                null,
                null,
                address,
                lease.macAddress(),
                spec.cpuCores(),
                spec.memoryMb(),
                null,
                null,
                null,
                null,
                token,
                "{}",
                now,
                now,
                null,
                null,
                origin);
    }

    /** What was asked for, as a row has it. */
    static String text(VmSpec spec) {
        return JSON.writeValueAsString(spec);
    }

    /** The process a row names; null where it names none. */
    static Processes.@Nullable Identity processOf(VmRow row) {
        Long pid = row.pid();
        Long ticks = row.startTicks();
        String boot = row.bootId();
        return pid == null || ticks == null || boot == null ? null : new Processes.Identity(pid, ticks, boot);
    }

    /** What a row tells of a VM. */
    static Vm shown(VmRow row) {
        return new Vm(
                row.id(),
                JSON.readValue(row.spec(), VmSpec.class),
                row.phase(),
                row.pid(),
                new Lease(row.ipAddress()),
                row.kernelCmdline(),
                row.hypervisor(),
                row.accelerator(),
                row.error(),
                JSON.readValue(row.guest(), new TypeReference<Map<String, String>>() {}),
                row.createdAt(),
                row.updatedAt(),
                row.startedAt(),
                row.readyAt());
    }

    VmRow row() {
        return row;
    }

    VmEdit phase(Phase next) {
        phase = next;
        return this;
    }

    VmEdit process(Processes.@Nullable Identity now) {
        process = now;
        return this;
    }

    VmEdit launched(String cmdline, String by, @Nullable String with) {
        kernelCmdline = cmdline;
        hypervisor = by;
        accelerator = with;
        return this;
    }

    VmEdit error(@Nullable String why) {
        error = why;
        return this;
    }

    /** Why this happens, for the event alone; what went wrong is an {@link #error}. */
    VmEdit because(String why) {
        because = why;
        return this;
    }

    /** What the event of this change tells beside where the VM is now. */
    @Nullable
    String message() {
        return because == null ? error : because;
    }

    VmEdit guest(Map<String, String> announced) {
        guest = JSON.writeValueAsString(announced);
        return this;
    }

    VmEdit startedAt(@Nullable Instant when) {
        startedAt = when;
        return this;
    }

    VmEdit readyAt(@Nullable Instant when) {
        readyAt = when;
        return this;
    }

    VmEdit origin(@Nullable Long snapshot) {
        origin = snapshot;
        return this;
    }

    VmRow toRow(Instant now) {
        Processes.Identity p = process;
        return new VmRow(
                row.id(),
                row.name(),
                phase,
                row.spec(),
                p == null ? null : p.pid(),
                p == null ? null : p.startTicks(),
                p == null ? null : p.bootId(),
                row.ipAddress(),
                row.macAddress(),
                row.cpuCores(),
                row.memoryMb(),
                kernelCmdline,
                hypervisor,
                accelerator,
                error,
                row.token(),
                guest,
                row.createdAt(),
                now,
                startedAt,
                readyAt,
                origin);
    }
}
