package dev.viber.vm.proxy;

import dev.viber.api.event.EventBus;
import dev.viber.api.gate.Gate;
import dev.viber.api.vm.GuestVisits;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmDesk.Door;
import dev.viber.api.vm.VmNews;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Who is with a guest, and is sent away when its machine ends: one that is killed closes no connection. */
final class Stays implements AutoCloseable {
    /** Somebody is with a guest; closing it twice does nothing more. */
    final class Stay implements AutoCloseable {
        private final String name;
        private final GuestVisits.Visit visit;
        private final List<Runnable> onEnd = new ArrayList<>();
        private @Nullable Instant started;
        private boolean ended;

        private Stay(String name, GuestVisits.Visit visit) {
            this.name = name;
            this.visit = visit;
        }

        /** How to reach the guest. */
        Door door() {
            return visit.door();
        }

        /** Has this run when the machine ends before the stay is closed; at once where it has ended. */
        void onEnd(Runnable what) {
            synchronized (this) {
                if (!ended) {
                    onEnd.add(what);
                    return;
                }
            }
            what.run();
        }

        private synchronized void started(@Nullable Instant when) {
            started = when;
        }

        /** Whether it is the same machine still, or may be. */
        private synchronized boolean lasts(Running now) {
            return now.alive() && (started == null || Objects.equals(started, now.started()));
        }

        private void end() {
            List<Runnable> all;
            synchronized (this) {
                ended = true;
                all = List.copyOf(onEnd);
            }
            close();
            all.forEach(Runnable::run);
        }

        @Override
        public void close() {
            there.remove(this);
            visit.close();
        }
    }

    /** What the desk says of a machine; one that is started over has another start. */
    private record Running(boolean alive, @Nullable Instant started) {}

    private final Gate<VmDesk> desk;
    private final GuestVisits visits;
    private final VmNews news;
    private final Set<Stay> there = ConcurrentHashMap.newKeySet();

    /** Nobody is anywhere; what happens to machines is heard from now on. */
    Stays(Gate<VmDesk> desk, Gate<EventBus> events) {
        this.desk = desk;
        visits = new GuestVisits(desk);
        news = new VmNews(events, this::happened, () -> names().forEach(this::happened));
        news.start();
    }

    /** Goes in to this VM's guest, which is woken where it stands by; a problem where it cannot be reached. */
    Stay enter(String name) throws InterruptedException {
        Stay stay = new Stay(name, visits.enter(name));
        there.add(stay); // before it is asked when it started: what happens from here on is not missed
        boolean known = false;
        try {
            Running now = running(name);
            stay.started(now.started());
            if (!now.alive()) {
                stay.end();
            }
            known = true;
            return stay;
        } finally {
            if (!known) {
                stay.close();
            }
        }
    }

    private Running running(String name) {
        return desk.call(present -> present.find(name))
                .map(vm -> new Running(vm.phase().isAlive(), vm.startedAt()))
                .orElse(new Running(false, null));
    }

    private Set<String> names() {
        Set<String> names = ConcurrentHashMap.newKeySet();
        there.forEach(stay -> names.add(stay.name));
        return names;
    }

    private void happened(String name) {
        List<Stay> theirs =
                there.stream().filter(stay -> stay.name.equals(name)).toList();
        if (!theirs.isEmpty()) {
            Running now = running(name);
            theirs.stream().filter(stay -> !stay.lasts(now)).forEach(Stay::end);
        }
    }

    /** A desk has come, behind the gate already: who is with a guest is so still. */
    void tell(VmDesk come) {
        visits.tell(come);
    }

    /** The event bus has left: the next one is listened to. */
    void renew() {
        news.renew();
    }

    @Override
    public void close() {
        news.close();
    }
}
