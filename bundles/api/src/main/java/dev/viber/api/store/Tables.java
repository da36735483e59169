package dev.viber.api.store;

import dev.viber.api.auth.Role;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.vm.VmLifecycle;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/** The tables of a store, inside one change or question; not to be kept beyond it. */
@ProviderType
public interface Tables {
    /** Tasks. */
    Tasks tasks();

    /** The journal of events. */
    Journal journal();

    /** Commands on their way to a viber. */
    Commands commands();

    /** Vibers. */
    Vibers vibers();

    /** Tokens. */
    Tokens tokens();

    /** Device grants under way. */
    DeviceGrants deviceGrants();

    /** Questions to people. */
    Approvals approvals();

    /** Named outputs of tasks. */
    Artifacts artifacts();

    /** Installed plugins. */
    Plugins plugins();

    /** MicroVMs. */
    Vms vms();

    /** Snapshots of microVMs. */
    Snapshots snapshots();

    /** Addresses held for microVMs. */
    Leases leases();

    /** Workloads and their replicas. */
    Workloads workloads();

    /** Small facts by key. */
    Values values();

    /**
     * A task as stored, on either side.
     *
     * @param viberId at the gateway: the viber asked for or, once dispatched, the one that has it; null while any will do.
     *     At the viber: its own id, or null for a task handed in by its own user without a gateway
     * @param pinned whether the client asked for that viber
     * @param options JSON text, as submitted
     * @param result JSON text; null before the end
     * @param peerSeq at the gateway: the viber's count of the last frame taken in of this attempt; at the viber: the last
     *     of its frames the gateway has acknowledged
     * @param leaseUntil the instant at which a task whose viber is away is given up; null while it is not away
     * @param deadline the instant at which the task is given up if it has not ended; null for none
     * @param idempotencyKey unique; null for none
     * @param traceparent the span this task is, see {@link dev.viber.api.trace.TraceContext}; null where nobody said
     */
    record TaskRow(
            String id,
            String goal,
            @Nullable String viberId,
            boolean pinned,
            Phase phase,
            int attempt,
            String options,
            @Nullable String result,
            @Nullable String error,
            Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant completedAt,
            long peerSeq,
            @Nullable Instant leaseUntil,
            @Nullable Instant deadline,
            @Nullable String idempotencyKey,
            @Nullable String traceparent) {
        /** A task that belongs to no trace. */
        public TaskRow(
                String id,
                String goal,
                @Nullable String viberId,
                boolean pinned,
                Phase phase,
                int attempt,
                String options,
                @Nullable String result,
                @Nullable String error,
                Instant createdAt,
                @Nullable Instant startedAt,
                @Nullable Instant completedAt,
                long peerSeq,
                @Nullable Instant leaseUntil,
                @Nullable Instant deadline,
                @Nullable String idempotencyKey) {
            this(
                    id,
                    goal,
                    viberId,
                    pinned,
                    phase,
                    attempt,
                    options,
                    result,
                    error,
                    createdAt,
                    startedAt,
                    completedAt,
                    peerSeq,
                    leaseUntil,
                    deadline,
                    idempotencyKey,
                    null);
        }
    }

    /**
     * Which tasks to list; null parts match everything.
     *
     * @param before a cursor of {@link Tasks#cursor}: only older ones; a text that is none fails with a problem
     */
    record TaskFilter(
            @Nullable Set<Phase> phases,
            @Nullable String viberId,
            @Nullable String before) {}

    /** Tasks. */
    interface Tasks {
        /** The task of this id. */
        Optional<TaskRow> find(String id);

        /** The task submitted with this key. */
        Optional<TaskRow> findByKey(String idempotencyKey);

        /** When the queued task was made that has waited longest; null where none is queued. */
        @Nullable
        Instant oldestQueued();

        /** Adds a task; throws {@link StoreException} where its id or key is there already. */
        void insert(TaskRow row);

        /** Replaces the row of the same id; throws {@link StoreException} where there is none. */
        void update(TaskRow row);

        /** Sets {@link TaskRow#peerSeq} alone: the cheap change of every frame. */
        void peerSeq(String id, long peerSeq);

        /** Tasks, newest first. */
        List<TaskRow> list(TaskFilter filter, int limit);

        /** The cursor that continues a list behind this row. */
        String cursor(TaskRow row);

        /** Queued tasks this viber may take, oldest first: pinned to it, or to none. */
        List<TaskRow> queuedFor(String viberId, int limit);

        /** Tasks a viber holds: dispatched, running, waiting, stopping; oldest first. */
        List<TaskRow> heldBy(String viberId);

        /** Tasks that have not ended, oldest first. */
        List<TaskRow> open(int limit);

        /** Tasks not ended whose lease or deadline has passed, oldest first. */
        List<TaskRow> overdue(Instant now, int limit);

        /** The earliest lease or deadline of a task not ended; null where there is none. */
        @Nullable
        Instant nextDue();

        /** How many tasks are in each phase. */
        Map<Phase, Long> counts();

        /** Removes tasks that ended before, with their events, questions and artifacts; tells how many. */
        int purge(Instant endedBefore, int limit);

        /** Removes one task and all that hangs on it, values whose key begins with {@code task/<id>/} included. */
        void delete(String id);
    }

    /** The journal of events. */
    interface Journal {
        /** Appends consecutive events to a topic; returns the seq of the first. */
        long append(String topic, List<JournalEvent> events);

        /** Events of a topic behind a seq, oldest first; segments are cut so that not more than {@code max} come. */
        List<Segment> read(String topic, long afterSeq, int max);

        /** Events of all topics that match (see {@code EventBus}), behind a position, in the order committed. */
        List<Segment> readAll(List<String> patterns, long afterPosition, int max);

        /** The seq of the last event of a topic ever appended, forgotten ones included; 0 for none. */
        long lastSeq(String topic);

        /** The seq of the oldest event of a topic still there; {@code lastSeq + 1} for none. */
        long firstSeq(String topic);

        /** The position of the last event ever appended; 0 for none. */
        long lastPosition();

        /** The position of the oldest event still there; {@code lastPosition + 1} for none. */
        long firstPosition();

        /** Forgets a topic's events up to this seq, in whole segments; its numbering goes on. */
        void forget(String topic, long uptoSeq);

        /** Forgets a topic altogether; its numbering begins anew. */
        void drop(String topic);

        /** Forgets the oldest events of topics that match, older than this; tells how many rows went. */
        int expire(List<String> patterns, Instant before, int limit);
    }

    /**
     * A command not yet acknowledged by its viber.
     *
     * @param cmd its number, from 1, per viber
     * @param taskId the task it is about; null for none
     * @param body the frame as JSON text, without {@code cmd}
     */
    record CommandRow(String viberId, long cmd, @Nullable String taskId, String body) {}

    /** Commands on their way to a viber. */
    interface Commands {
        /** Adds a command; returns its number. */
        long add(String viberId, @Nullable String taskId, String body);

        /** What the viber has not acknowledged, in order. */
        List<CommandRow> pending(String viberId);

        /** The viber has it. */
        void remove(String viberId, long cmd);

        /** Whatever was on its way about this task is void. */
        void removeOfTask(String taskId);

        /** The viber is forgotten. */
        void removeOfViber(String viberId);
    }

    /**
     * A viber as stored.
     *
     * @param info its {@code ViberInfo} as JSON text, as it last said
     * @param config what it is told by {@code config:update}, as JSON text
     */
    record ViberRow(
            String id,
            String name,
            String info,
            String config,
            Instant createdAt,
            @Nullable Instant connectedAt,
            @Nullable Instant lastSeenAt) {}

    /** Vibers. */
    interface Vibers {
        /** The viber of this id. */
        Optional<ViberRow> find(String id);

        /** Adds or replaces a viber. */
        void put(ViberRow row);

        /** Vibers by id, behind this one. */
        List<ViberRow> list(@Nullable String afterId, int limit);

        /** Removes a viber. */
        void delete(String id);
    }

    /**
     * A token as stored; its secret is not.
     *
     * @param hash SHA-256 of the whole token, lower-case hex; unique
     * @param oldHash that of the secret before the last rotation; null where it is not valid any more
     * @param oldUntil when that one ends; null with it
     */
    record TokenRow(
            String id,
            Role role,
            @Nullable String viberId,
            @Nullable String name,
            String hash,
            Instant createdAt,
            @Nullable Instant expiresAt,
            @Nullable Instant revokedAt,
            @Nullable String oldHash,
            @Nullable Instant oldUntil) {}

    /** Tokens. */
    interface Tokens {
        /** The token of this id. */
        Optional<TokenRow> find(String id);

        /** Adds or replaces a token. */
        void put(TokenRow row);

        /** Tokens, newest first; of one viber, or all. */
        List<TokenRow> list(@Nullable String viberId);
    }

    /**
     * A device grant as stored; neither of its codes is.
     *
     * @param deviceHash SHA-256 of the device code, lower-case hex; unique
     * @param userHash that of the user code; unique
     * @param capabilities JSON array of texts
     * @param state {@code pending|approved|denied}
     */
    record DeviceGrantRow(
            String deviceHash,
            String userHash,
            String clientId,
            String viberId,
            String name,
            String capabilities,
            String address,
            String state,
            Instant createdAt,
            Instant expiresAt) {}

    /** Device grants under way. */
    interface DeviceGrants {
        /** The grant of this device code. */
        Optional<DeviceGrantRow> find(String deviceHash);

        /** The grant of this user code. */
        Optional<DeviceGrantRow> findByUserCode(String userHash);

        /** Adds or replaces a grant. */
        void put(DeviceGrantRow row);

        /** How many there are; from one address, or for null all. */
        long count(@Nullable String address);

        /** Removes a grant. */
        void delete(String deviceHash);

        /** Removes those that expired before. */
        void purge(Instant expiredBefore);
    }

    /**
     * A question as stored.
     *
     * @param arguments JSON text
     * @param state {@code open|allowed|denied|void}
     */
    record ApprovalRow(
            String id,
            String taskId,
            @Nullable String tool,
            String arguments,
            String reason,
            String state,
            @Nullable String decidedBy,
            Instant createdAt,
            @Nullable Instant decidedAt) {}

    /** Questions to people. */
    interface Approvals {
        /** The question of this id. */
        Optional<ApprovalRow> find(String id);

        /** Adds or replaces a question. */
        void put(ApprovalRow row);

        /** Questions, open ones first, then newest first; of one task, or all. */
        List<ApprovalRow> list(@Nullable String taskId, int limit);

        /** The task ended otherwise: its open questions are void. */
        void voidOfTask(String taskId, Instant at);
    }

    /** A named output of a task; {@code location} says where its bytes lie. */
    record ArtifactRow(
            String taskId, String name, String type, long bytes, String sha256, String location, Instant createdAt) {}

    /** Named outputs of tasks. */
    interface Artifacts {
        /** Adds or replaces the output of this name. */
        void put(ArtifactRow row);

        /** The output of this name. */
        Optional<ArtifactRow> find(String taskId, String name);

        /** The outputs of a task, by name. */
        List<ArtifactRow> list(String taskId);

        /** Forgets the outputs of a task. */
        void deleteOfTask(String taskId);

        /** Whether any output has these bytes. */
        boolean isKept(String sha256);
    }

    /**
     * A plugin as stored, on either side.
     *
     * @param id at the gateway {@code <symbolic name>@<viber id>}, at the viber the symbolic name
     * @param viberId null at the viber
     * @param state a word of {@code PluginLifecycle.Phase}
     * @param signature {@code keyId:base64}; null for none
     * @param location where its jar lies
     * @param former JSON text of the version that serves while another is rolled out, or is put back; null for none
     * @param services JSON text, a list
     * @param error what went wrong last; null where nothing did
     * @param source who put it in: {@code gateway}, {@code shell} or {@code folder:<file name>}
     * @param offer names the request under way, or answered last
     * @param attempts how often its roll-out was begun
     */
    record PluginRow(
            String id,
            @Nullable String viberId,
            String symbolicName,
            String version,
            String digest,
            String state,
            @Nullable String signature,
            String location,
            @Nullable String former,
            String services,
            @Nullable String error,
            String source,
            String offer,
            int attempts,
            Instant createdAt,
            Instant updatedAt) {}

    /** Installed plugins. */
    interface Plugins {
        /** Adds or replaces a plugin. */
        void put(PluginRow row);

        /** The plugin of this id. */
        Optional<PluginRow> find(String id);

        /** Plugins by id; of one viber, or all. */
        List<PluginRow> list(@Nullable String viberId);

        /** Removes a plugin. */
        void delete(String id);
    }

    /**
     * A microVM as stored.
     *
     * @param id 0 for one to be inserted
     * @param spec JSON text of its {@code VmSpec}
     * @param pid the hypervisor's process; null while there is none
     * @param startTicks when that process started, as {@code /proc/PID/stat} tells it: a pid alone may be another's by now
     * @param bootId of the host's boot in which it started
     * @param token what its guest asks for; never shown
     * @param guest JSON text of what the guest announced
     * @param origin the id of the snapshot it has yet to become; null where it boots, or has become it
     */
    record VmRow(
            long id,
            String name,
            VmLifecycle.Phase phase,
            String spec,
            @Nullable Long pid,
            @Nullable Long startTicks,
            @Nullable String bootId,
            String ipAddress,
            String macAddress,
            int cpuCores,
            int memoryMb,
            @Nullable String kernelCmdline,
            @Nullable String hypervisor,
            @Nullable String accelerator,
            @Nullable String error,
            String token,
            String guest,
            Instant createdAt,
            Instant updatedAt,
            @Nullable Instant startedAt,
            @Nullable Instant readyAt,
            @Nullable Long origin) {}

    /** MicroVMs. */
    interface Vms {
        /** Adds a VM; returns its id. Throws {@link StoreException} where its name or address is there already. */
        long insert(VmRow row);

        /** Replaces the row of the same id. */
        void update(VmRow row);

        /** The VM of this name. */
        Optional<VmRow> find(String name);

        /** All of them, oldest first. */
        List<VmRow> list();

        /** Removes a VM. */
        void delete(long id);
    }

    /**
     * A snapshot of a microVM.
     *
     * @param kept false for one that only serves a fork under way, and goes when that is done
     * @param whole whether all its files are written; one that is not is rubbish when its server is gone
     * @param spec of the VM it is of, as JSON
     * @param kernelCmdline the line its kernel was given
     * @param boundTo what must be the same where it is restored
     * @param files the digests of its files by name, as JSON; empty where {@code kept} is false
     */
    record SnapshotRow(
            long id,
            String name,
            String vm,
            boolean kept,
            boolean whole,
            String spec,
            String kernelCmdline,
            String hypervisor,
            String accelerator,
            String boundTo,
            String files,
            long bytes,
            Instant createdAt) {}

    /** Snapshots of microVMs. */
    interface Snapshots {
        /** Adds a snapshot; returns its id. Throws {@link StoreException} where its name is there already. */
        long insert(SnapshotRow row);

        /** Replaces the row of the same id. */
        void update(SnapshotRow row);

        /** The snapshot of this name. */
        Optional<SnapshotRow> find(String name);

        /** The snapshot of this id. */
        Optional<SnapshotRow> find(long id);

        /** All of them, oldest first. */
        List<SnapshotRow> list();

        /** Removes a snapshot. */
        void delete(long id);
    }

    /** Addresses held for microVMs, under the first Viper's name of the table: {@code ip_allocations}. */
    interface Leases {
        /**
         * Takes the lowest address of a range that is neither leased nor in quarantine.
         *
         * @param first the first IPv4 address, as a number of 32 bits
         * @param last the last
         * @return the address in dotted form; empty where all are taken
         */
        Optional<String> take(long first, long last, Instant now);

        /** Names the VM an address was taken for. */
        void assign(String ipAddress, long vmId);

        /** Gives an address back, which nobody gets before this instant. */
        void release(String ipAddress, Instant notBefore);

        /** The addresses that are leased, lowest first. */
        List<String> leased();
    }

    /** Small facts by key. */
    interface Values {
        /** The value of this key. */
        Optional<String> get(String key);

        /** Sets the value of a key. */
        void put(String key, String value);

        /** Removes a key. */
        void remove(String key);

        /** Keys that begin with this, in order, with their values. */
        Map<String, String> list(String prefix);
    }
}
