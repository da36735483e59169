package dev.viber.supervisor;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.DurableStore;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.Network;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmLifecycle;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmLifecycle.Trigger;
import dev.viber.api.vm.VmSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What the store knows of VMs: each step of a life is one change, with its event. */
final class VmBook {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Begins what keeps an idempotency key, with the name of the VM it was used for. */
    private static final String KEYS = "vms/once/";

    private final DurableStore store;

    VmBook(Gate<Store> store) {
        this.store = new DurableStore(store);
    }

    Optional<VmRow> find(String name) {
        return store.read(tables -> tables.vms().find(name));
    }

    Optional<VmRow> findMade(String key) {
        return store.read(tables -> Optional.ofNullable(under(tables, key)));
    }

    VmRow get(String name) {
        return find(name).orElseThrow(() -> ProblemException.notFound("vm", name));
    }

    List<VmRow> list() {
        return store.read(tables -> tables.vms().list());
    }

    List<String> leased() {
        return store.read(tables -> tables.leases().leased());
    }

    /** A VM's row, and whether it was there before under the same key. */
    record Entered(VmRow row, boolean before) {}

    /**
     * One change: the lowest free address, the VM that holds it, the key it was asked for with, and the first step of its
     * life.
     *
     * @param key null for none
     * @param origin the id of the snapshot it is to become; null for one that boots
     */
    Entered create(VmSpec spec, @Nullable String key, Network.Plan plan, String token, @Nullable Long origin)
            throws InterruptedException {
        return write(tables -> {
            VmRow before = key == null ? null : under(tables, key);
            if (before != null) {
                if (!before.spec().equals(VmEdit.text(spec))) {
                    throw new ProblemException(
                            ProblemException.Kind.CONFLICT,
                            "the idempotency key '%s' was used for another VM, %s".formatted(key, before.name()));
                }
                return new Entered(before, true);
            }
            insert(tables, spec, plan, token, origin);
            if (key != null) {
                tables.values().put(KEYS + key, spec.name());
            }
            return new Entered(step(tables, spec.name(), Trigger.LAUNCH, edit -> {}), false);
        });
    }

    /** One change: VMs that are to become this snapshot, all of them or none; their lives begin later. */
    void createAll(List<VmSpec> specs, Network.Plan plan, Supplier<String> tokens, long origin)
            throws InterruptedException {
        write(tables -> {
            for (VmSpec spec : specs) {
                insert(tables, spec, plan, tokens.get(), origin);
            }
            return true;
        });
    }

    private static void insert(Tables tables, VmSpec spec, Network.Plan plan, String token, @Nullable Long origin) {
        if (tables.vms().find(spec.name()).isPresent()) {
            throw new ProblemException(
                    ProblemException.Kind.CONFLICT, "there is a VM named %s already".formatted(spec.name()));
        }
        Instant now = Instant.now();
        Range range = Range.of(plan);
        String address = tables.leases()
                .take(range.first(), range.last(), now)
                .orElseThrow(() -> new ProblemException(
                        ProblemException.Kind.UNAVAILABLE,
                        "all %d addresses of %s are taken".formatted(range.last() - range.first() + 1, plan.subnet())));
        long id = tables.vms().insert(VmEdit.newRow(spec, origin, address, token, now));
        tables.leases().assign(address, id);
        tell(tables, tables.vms().find(spec.name()).orElseThrow(), "created", null);
    }

    /** The VM that was made under this key and is there; null for none. */
    private static @Nullable VmRow under(Tables tables, String key) {
        return tables.values().get(KEYS + key).flatMap(tables.vms()::find).orElse(null);
    }

    /** Keys are kept as long as their VM: another may bear its name afterwards. */
    private static void forgetKeys(Tables tables, String name) {
        tables.values().list(KEYS).forEach((key, of) -> {
            if (of.equals(name)) {
                tables.values().remove(key);
            }
        });
    }

    /** One step of a life: where the table has none such, a problem says so and nothing changes. */
    VmRow move(String name, Trigger trigger, Consumer<VmEdit> more) throws InterruptedException {
        return write(tables -> step(tables, name, trigger, more));
    }

    private static VmRow step(Tables tables, String name, Trigger trigger, Consumer<VmEdit> more) {
        VmRow row = tables.vms().find(name).orElseThrow(() -> ProblemException.notFound("vm", name));
        Phase next = VmLifecycle.TABLE
                .find(row.phase(), trigger)
                .orElseThrow(() -> new ProblemException(
                        ProblemException.Kind.CONFLICT,
                        "vm %s is %s: it cannot %s".formatted(name, row.phase().word(), verb(trigger))));
        VmEdit edit = new VmEdit(row).phase(next);
        more.accept(edit);
        VmRow changed = edit.toRow(Instant.now());
        tables.vms().update(changed);
        tell(tables, changed, next.word(), edit.message());
        return changed;
    }

    private static String verb(Trigger trigger) {
        return switch (trigger) {
            case LAUNCH -> "be started";
            case STOP -> "be stopped";
            case PAUSE -> "be paused";
            case RESUME -> "be resumed";
            case IDLE -> "stand by";
            case DELETE -> "be deleted";
            default -> "become " + trigger.name().toLowerCase(java.util.Locale.ROOT);
        };
    }

    /** A change that is no step of a life, and no event. */
    VmRow note(String name, Consumer<VmEdit> more) throws InterruptedException {
        return write(tables -> {
            VmRow row = tables.vms().find(name).orElseThrow(() -> ProblemException.notFound("vm", name));
            VmEdit edit = new VmEdit(row);
            more.accept(edit);
            VmRow changed = edit.toRow(Instant.now());
            tables.vms().update(changed);
            return changed;
        });
    }

    /** Nothing of it is left: the row goes, and the address rests. */
    Vm gone(String name, Duration quarantine) throws InterruptedException {
        return write(tables -> {
            VmRow row = tables.vms().find(name).orElseThrow(() -> ProblemException.notFound("vm", name));
            Instant now = Instant.now();
            VmLifecycle.TABLE.next(name, row.phase(), Trigger.GONE, List.of());
            VmRow last = new VmEdit(row).phase(Phase.DELETED).process(null).toRow(now);
            tables.vms().delete(row.id());
            forgetKeys(tables, name);
            tables.leases().release(row.ipAddress(), now.plus(quarantine));
            tell(tables, last, Phase.DELETED.word(), null);
            return VmEdit.shown(last);
        });
    }

    private static void tell(Tables tables, VmRow row, String kind, @Nullable String message) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", row.name());
        data.put("status", row.phase().status().word());
        data.put("phase", row.phase().word());
        data.put("ip_address", row.ipAddress());
        data.put("mac_address", row.macAddress());
        if (row.pid() != null) {
            data.put("pid", row.pid());
        }
        if (message != null) {
            data.put("message", message);
        }
        tables.journal()
                .append(
                        Vm.TOPIC + row.name(),
                        List.of(new JournalEvent(kind, System.currentTimeMillis(), JSON.writeValueAsString(data))));
    }

    /** A change beyond VMs' own rows, durable when it returns. */
    <T> T write(Store.Change<T> change) throws InterruptedException {
        return store.write(change);
    }

    /** The addresses guests may have: all of the network but its first, its last and the host's own. */
    record Range(long first, long last) {
        static Range of(Network.Plan plan) {
            long network = number(plan.subnet().substring(0, plan.subnet().indexOf('/')));
            long size = 1L << (32 - plan.prefix());
            // The host holds the first or last of them; elsewhere it would cut the range in two.
            long first = network + 1;
            long last = network + size - 2;
            long host = number(plan.gateway());
            return host == first
                    ? new Range(first + 1, last)
                    : host == last ? new Range(first, last - 1) : new Range(host + 1, last);
        }

        private static long number(String address) {
            long number = 0;
            for (String octet : address.split("\\.", -1)) {
                number = (number << 8) | Integer.parseInt(octet);
            }
            return number;
        }
    }
}
