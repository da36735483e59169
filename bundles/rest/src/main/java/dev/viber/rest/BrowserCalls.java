package dev.viber.rest;

import dev.viber.api.browser.Browsers;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.rest.BrowserAcquireRequest;
import dev.viber.api.rest.BrowserRoutes;
import dev.viber.api.rest.BrowsersView;
import dev.viber.api.rest.SessionView;
import java.util.List;

/** What the routes about a viber's browsers do. */
final class BrowserCalls {
    private final Desks desks;

    BrowserCalls(Desks desks) {
        this.desks = desks;
    }

    /** Every one of them. */
    List<Binding<?, ?>> bindings() {
        return List.of(
                new Binding<>(BrowserRoutes.LIST_BROWSERS, this::list),
                new Binding<>(BrowserRoutes.TAKE_BROWSER, this::take),
                new Binding<>(BrowserRoutes.GIVE_BACK_BROWSER, call -> {
                    desks.browsers
                            .call(desk -> desk.release(call.viberId(), call.text("id")))
                            .getValue();
                    return Work.Answer.none();
                }));
    }

    private Work.Answer<BrowsersView> list(Call<Void> call) {
        return desks.browsers.call(desk -> {
            Browsers.Probe probe = desk.probe();
            List<SessionView> sessions =
                    desk.list(call.viberId()).stream().map(SessionView::of).toList();
            return Work.Answer.of(200, new BrowsersView(probe.able(), probe.reason(), sessions));
        });
    }

    private Work.Answer<SessionView> take(Call<BrowserAcquireRequest> call) throws Exception {
        call.request().addIdleTimeoutListener(timeout -> false); // it is not idle, it waits
        Session session = desks.browsers
                .call(desk -> desk.acquire(call.viberId(), call.content().request()))
                .getValue();
        return Work.Answer.of(201, SessionView.of(session));
    }
}
