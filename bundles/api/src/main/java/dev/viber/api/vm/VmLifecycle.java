package dev.viber.api.vm;

import dev.viber.api.lifecycle.Lifecycle;
import java.util.Locale;

/** The life of a microVM, as one table. */
public final class VmLifecycle {
    /** The transitions. */
    public static final Lifecycle<Phase, Trigger> TABLE = Lifecycle.of("vm", Phase.class, Trigger.class, Phase.PENDING)
            .on(Trigger.LAUNCH, Phase.STARTING, Phase.PENDING, Phase.STOPPED, Phase.CRASHED, Phase.FAILED)
            .on(Trigger.LAUNCHED, Phase.RUNNING, Phase.STARTING)
            .on(Trigger.READY, Phase.READY, Phase.RUNNING, Phase.READY)
            .on(Trigger.UNREADY, Phase.RUNNING, Phase.READY)
            .on(Trigger.PAUSE, Phase.PAUSED, Phase.RUNNING, Phase.READY, Phase.STANDBY)
            .on(Trigger.IDLE, Phase.STANDBY, Phase.READY)
            .on(Trigger.RESUME, Phase.RUNNING, Phase.PAUSED, Phase.STANDBY)
            .on(Trigger.STOP, Phase.STOPPING, Phase.STARTING, Phase.RUNNING, Phase.READY, Phase.PAUSED, Phase.STANDBY)
            .on(Trigger.STOP, Phase.STOPPED, Phase.PENDING)
            .on(Trigger.EXITED, Phase.STOPPED, Phase.RUNNING, Phase.READY, Phase.PAUSED, Phase.STANDBY, Phase.STOPPING)
            .on(Trigger.CRASHED, Phase.CRASHED, Phase.RUNNING, Phase.READY, Phase.PAUSED, Phase.STANDBY)
            .on(Trigger.CRASHED, Phase.STOPPED, Phase.STOPPING)
            .on(Trigger.FAIL, Phase.FAILED, Phase.PENDING, Phase.STARTING, Phase.RUNNING)
            .on(
                    Trigger.DELETE,
                    Phase.DELETING,
                    Phase.PENDING,
                    Phase.STARTING,
                    Phase.RUNNING,
                    Phase.READY,
                    Phase.PAUSED,
                    Phase.STANDBY,
                    Phase.STOPPING,
                    Phase.STOPPED,
                    Phase.CRASHED,
                    Phase.FAILED,
                    Phase.DELETING)
            .on(Trigger.GONE, Phase.DELETED, Phase.DELETING)
            .build();

    /** Where a VM stands. */
    public enum Phase {
        /** Its row and its address are durable; nothing runs. */
        PENDING(Status.PENDING),
        /** Its tap and its process are being made. */
        STARTING(Status.STARTING),
        /** The hypervisor runs; the guest has not announced itself. */
        RUNNING(Status.RUNNING),
        /** The guest has announced itself: agent up, Chrome up. */
        READY(Status.RUNNING),
        /** Its processors stand still, as somebody wanted. */
        PAUSED(Status.RUNNING),
        /** They stand still since nobody used it; it goes on when somebody does. */
        STANDBY(Status.RUNNING),
        /** Told to end; its process is still there. */
        STOPPING(Status.RUNNING),
        /** It ended in good order, or was told to; it keeps its name and its address. */
        STOPPED(Status.STOPPED),
        /** Its process ended by itself. */
        CRASHED(Status.CRASHED),
        /** It did not come up; the reason is told. */
        FAILED(Status.CRASHED),
        /** On its way out: process first, then address, tap, files. */
        DELETING(Status.STOPPED),
        /** Gone. */
        DELETED(Status.STOPPED);

        private final Status status;

        Phase(Status status) {
            this.status = status;
        }

        /** The word shown to people and programs. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The first Viper's word for it. */
        public Status status() {
            return status;
        }

        /** Whether there may be a process. */
        public boolean isAlive() {
            return switch (this) {
                case STARTING, RUNNING, READY, PAUSED, STANDBY, STOPPING -> true;
                case PENDING, STOPPED, CRASHED, FAILED, DELETING, DELETED -> false;
            };
        }

        /** Whether it serves whoever comes: at once, or woken by the first byte. */
        public boolean isReady() {
            return this == READY || this == STANDBY;
        }

        /**
         * The phase of this word.
         *
         * @throws IllegalArgumentException where there is none
         */
        public static Phase of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** The first Viper's words, which its clients know. */
    public enum Status {
        /** Nothing has been started. */
        PENDING,
        /** On its way up. */
        STARTING,
        /** Its process is there. */
        RUNNING,
        /** It ended in good order. */
        STOPPED,
        /** It did not. */
        CRASHED;

        /** The word shown to people and programs. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What may happen to a VM. */
    public enum Trigger {
        /** It is to come up. */
        LAUNCH,
        /** Its process is up, and answers. */
        LAUNCHED,
        /** The guest announced itself. */
        READY,
        /** The guest's agent is gone for the moment. */
        UNREADY,
        /** Its processors are to stand still. */
        PAUSE,
        /** Nobody has used it for its standby time. */
        IDLE,
        /** Its processors go on. */
        RESUME,
        /** It is to end. */
        STOP,
        /** Its process ended in good order. */
        EXITED,
        /** Its process ended otherwise. */
        CRASHED,
        /** It could not be brought up. */
        FAIL,
        /** It is to be removed. */
        DELETE,
        /** Nothing of it is left. */
        GONE
    }

    private VmLifecycle() {}
}
