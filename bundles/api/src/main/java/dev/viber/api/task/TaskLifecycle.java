package dev.viber.api.task;

import dev.viber.api.lifecycle.Lifecycle;
import java.util.Locale;

/** The life of a task at the gateway, as one table. */
public final class TaskLifecycle {
    /** The table. */
    public static final Lifecycle<Phase, Trigger> TABLE = Lifecycle.of("task", Phase.class, Trigger.class, Phase.QUEUED)
            .on(Trigger.DISPATCH, Phase.DISPATCHED, Phase.QUEUED)
            .on(Trigger.RETURN, Phase.QUEUED, Phase.DISPATCHED)
            .on(Trigger.START, Phase.RUNNING, Phase.DISPATCHED)
            .on(Trigger.ASK, Phase.WAITING, Phase.DISPATCHED, Phase.RUNNING)
            .on(Trigger.ANSWER, Phase.RUNNING, Phase.WAITING)
            .on(Trigger.COMPLETE, Phase.COMPLETED, Phase.DISPATCHED, Phase.RUNNING, Phase.WAITING)
            .on(Trigger.FAIL, Phase.ERROR, Phase.DISPATCHED, Phase.RUNNING, Phase.WAITING)
            .on(Trigger.STOP, Phase.STOPPING, Phase.DISPATCHED, Phase.RUNNING, Phase.WAITING)
            .on(Trigger.STOPPED, Phase.STOPPED, Phase.QUEUED, Phase.STOPPING)
            .on(Trigger.EXPIRE, Phase.DEAD, Phase.QUEUED, Phase.DISPATCHED, Phase.RUNNING, Phase.WAITING)
            .on(Trigger.PRUNE, Phase.BURIED, Phase.DEAD)
            .on(
                    Trigger.RETRY,
                    Phase.QUEUED,
                    Phase.WAITING,
                    Phase.COMPLETED,
                    Phase.ERROR,
                    Phase.STOPPED,
                    Phase.DEAD,
                    Phase.BURIED)
            .build();

    /** Where a task stands, finer than its {@link Status}. */
    public enum Phase {
        /** Durable at the gateway; waits for a viber. */
        QUEUED(Status.PENDING),
        /** Given to a viber, which has not said that it began. */
        DISPATCHED(Status.PENDING),
        /** The viber works on it. */
        RUNNING(Status.RUNNING),
        /** Waits for a person: an approval, an unknown outcome. Takes no slot of capacity. */
        WAITING(Status.RUNNING),
        /** The stop is journaled; the viber has not confirmed it yet. */
        STOPPING(Status.STOPPED),
        /** Stopped on request. */
        STOPPED(Status.STOPPED),
        /** Done, with a result. */
        COMPLETED(Status.COMPLETED),
        /** Failed, with an error. */
        ERROR(Status.ERROR),
        /** At the dead-letter desk: its viber is gone past its deadline, or none ever came. */
        DEAD(Status.ERROR),
        /** Taken off the dead-letter desk for good. */
        BURIED(Status.ERROR);

        private final Status status;

        Phase(Status status) {
            this.status = status;
        }

        /** The coarse word clients know. */
        public Status status() {
            return status;
        }

        /** Whether the task has ended; only an explicit retry leads on. */
        public boolean isEnded() {
            return switch (this) {
                case STOPPED, COMPLETED, ERROR, DEAD, BURIED -> true;
                case QUEUED, DISPATCHED, RUNNING, WAITING, STOPPING -> false;
            };
        }

        /** Whether a viber holds the task. */
        public boolean isHeld() {
            return switch (this) {
                case DISPATCHED, RUNNING, WAITING, STOPPING -> true;
                case QUEUED, STOPPED, COMPLETED, ERROR, DEAD, BURIED -> false;
            };
        }

        /** The word used on the wire and in stores. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What may happen to a task. */
    public enum Trigger {
        /** Given to a viber. */
        DISPATCH,
        /** Taken back from a viber that certainly never had it. */
        RETURN,
        /** The viber began. */
        START,
        /** A person is asked. */
        ASK,
        /** The person answered. */
        ANSWER,
        /** The viber is done. */
        COMPLETE,
        /** The viber failed. */
        FAIL,
        /** A client asked to stop it. */
        STOP,
        /** The viber confirmed, its lease ended, or no viber had it. */
        STOPPED,
        /** Its deadline or its viber's lease passed. */
        EXPIRE,
        /** A person took it off the dead-letter desk. */
        PRUNE,
        /** A person asked for another attempt. */
        RETRY
    }

    /** The words of the first system, which its clients know. */
    public enum Status {
        /** Not begun. */
        PENDING,
        /** Begun. */
        RUNNING,
        /** Ended well. */
        COMPLETED,
        /** Ended badly. */
        ERROR,
        /** Stopped on request. */
        STOPPED;

        /** The word used on the wire. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private TaskLifecycle() {}
}
