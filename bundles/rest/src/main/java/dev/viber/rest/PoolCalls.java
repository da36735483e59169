package dev.viber.rest;

import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.rest.AcquireRequest;
import dev.viber.api.rest.PoolChange;
import dev.viber.api.rest.PoolRequest;
import dev.viber.api.rest.PoolRoutes;
import dev.viber.api.rest.PoolView;
import dev.viber.api.rest.ReleaseRequest;
import dev.viber.api.rest.Routes;
import dev.viber.api.rest.SessionView;
import java.util.List;
import java.util.Map;

/** What the routes about pools do. */
final class PoolCalls {
    private final Desks desks;

    PoolCalls(Desks desks) {
        this.desks = desks;
    }

    /** Every one of them. */
    List<Binding<?, ?>> bindings() {
        return List.of(
                new Binding<>(PoolRoutes.CREATE_POOL, this::create),
                new Binding<>(
                        PoolRoutes.LIST_POOLS,
                        call -> Work.Answer.of(
                                200,
                                desks.pools.call(desk ->
                                        desk.list().stream().map(PoolView::of).toList()))),
                new Binding<>(
                        PoolRoutes.GET_POOL,
                        call -> Work.Answer.of(
                                200,
                                PoolView.of(desks.pools
                                        .call(desk -> desk.find(call.text("name")))
                                        .orElseThrow(() -> ProblemException.notFound("pool", call.text("name")))))),
                new Binding<>(PoolRoutes.CHANGE_POOL, this::change),
                new Binding<>(PoolRoutes.DELETE_POOL, call -> {
                    desks.pools.call(desk -> desk.delete(call.text("name"))).getValue();
                    return Work.Answer.none();
                }),
                new Binding<>(PoolRoutes.ACQUIRE, this::acquire),
                new Binding<>(PoolRoutes.RELEASE, this::release));
    }

    private Work.Answer<PoolView> create(Call<PoolRequest> call) throws Exception {
        PoolRequest wanted = call.content();
        PoolView made =
                PoolView.of(desks.pools.call(desk -> desk.create(wanted.pool())).getValue());
        return new Work.Answer<>(201, made, null, Map.of("Location", Routes.BASE + "/pools/" + wanted.name()));
    }

    private Work.Answer<PoolView> change(Call<PoolChange> call) throws Exception {
        PoolChange wanted = call.content();
        return Work.Answer.of(
                200,
                PoolView.of(desks.pools
                        .call(desk -> desk.change(call.text("name"), wanted.warm(), wanted.most()))
                        .getValue()));
    }

    private Work.Answer<SessionView> acquire(Call<AcquireRequest> call) throws Exception {
        AcquireRequest wanted = call.content();
        call.request().addIdleTimeoutListener(timeout -> false); // it is not idle, it waits
        Session session = desks.pools
                .call(desk -> desk.acquire(call.text("name"), wanted.request()))
                .getValue();
        return Work.Answer.of(201, SessionView.of(session));
    }

    private Work.Answer<SessionView> release(Call<ReleaseRequest> call) throws Exception {
        ReleaseRequest wanted = call.content();
        return Work.Answer.of(
                200,
                SessionView.of(desks.pools
                        .call(desk -> desk.release(call.text("name"), wanted.id()))
                        .getValue()));
    }
}
