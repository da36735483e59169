package dev.viber.controller;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.Store;
import dev.viber.api.store.StoreException;
import dev.viber.api.store.Tables;
import dev.viber.link.Link;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway's commands on one connection: each is stored with its number in one change, and acted upon and
 * acknowledged when that is durable. Changes are handed in as commands come, so that many share one commit.
 */
final class Inbox {
    /** Values that keep the last command's number: {@code cmd/<gatewayId>}. */
    static final String LAST = "cmd/";

    private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);

    private record Pending(long cmd, Promise<Boolean> promise, Runnable then) {}

    private final Gate<Store> store;
    private final Link link;
    private final Outbox outbox;
    private final BlockingQueue<Pending> pending = new LinkedBlockingQueue<>();
    private volatile @Nullable String gatewayId;
    // Both are written by the store's writer alone.
    private volatile long applied;
    private volatile boolean broken;

    Inbox(Gate<Store> store, Link link, Outbox outbox) {
        this.store = store;
        this.link = link;
        this.outbox = outbox;
    }

    /** Which gateway's commands these are; its numbers are its own. */
    void from(String id) {
        gatewayId = id;
    }

    /** Whether a command of this number is here already, as far as the store says now. */
    boolean has(long cmd) {
        String gateway = gatewayId;
        return cmd > 0 && gateway != null && store.call(s -> s.read(t -> last(t, gateway))) >= cmd;
    }

    /**
     * Takes a command in.
     *
     * @param cmd its number; 0 where the gateway does not number them
     * @param then done once it is durable, one that was here before included: nobody may have got to do it then
     */
    void take(long cmd, Orders.Effect effect, Runnable then) {
        Promise<Boolean> promise = store.callAsync(s -> s.write(tables -> apply(tables, cmd, effect)));
        pending.add(new Pending(cmd, promise, then));
    }

    private static long last(Tables tables, String gateway) {
        return tables.values().get(LAST + gateway).map(Long::parseLong).orElse(0L);
    }

    private Boolean apply(Tables tables, long cmd, Orders.Effect effect) {
        if (broken) {
            throw new StoreException("an earlier command of this connection was not kept", null);
        }
        boolean done = false;
        try {
            String gateway = gatewayId;
            if (cmd <= 0 || gateway == null) {
                effect.apply(tables);
                done = true;
                return true;
            }
            long had = last(tables, gateway);
            if (had < applied) {
                throw new StoreException("command %d of this connection was not kept".formatted(applied), null);
            }
            if (cmd > had) {
                effect.apply(tables);
                tables.values().put(LAST + gateway, Long.toString(cmd));
                applied = cmd;
            }
            done = true;
            return cmd > had;
        } finally {
            // A number stands for all before it: behind a command that failed none may be stored.
            if (!done) {
                broken = true;
            }
        }
    }

    /** Settles commands in order until interrupted. */
    void settle() {
        try {
            while (true) {
                Pending next = pending.take();
                Throwable failure = next.promise().getFailure();
                if (failure != null) {
                    LOG.error("command {} could not be stored; it will be asked for again", next.cmd(), failure);
                    link.abort("command %d could not be stored: %s".formatted(next.cmd(), failure.getMessage()));
                    return;
                }
                if (next.cmd() > 0) {
                    outbox.say(Frames.ackOf(next.cmd()));
                }
                next.then().run();
            }
        } catch (InterruptedException e) {
            LOG.debug("the connection ended; what was not settled will be asked for again");
        }
    }
}
