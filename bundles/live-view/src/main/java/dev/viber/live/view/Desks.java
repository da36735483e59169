package dev.viber.live.view;

import dev.viber.api.auth.Authenticator;
import dev.viber.api.auth.Tokens;
import dev.viber.api.event.EventBus;
import dev.viber.api.gate.Gate;
import dev.viber.api.vm.GuestVisits;
import dev.viber.api.vm.VmDesk;
import java.time.Duration;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The services that are asked here, each behind its gate, so that any of them may be swapped while people watch. */
@Component(service = Desks.class)
public final class Desks {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    final Gate<VmDesk> vms = new Gate<>("supervisor of VMs", PATIENCE);
    final GuestVisits guests = new GuestVisits(vms);
    final Gate<Authenticator> authenticator = new Gate<>("authenticator", PATIENCE);
    final Gate<Tokens> tokens = new Gate<>("token desk", PATIENCE);
    final Gate<EventBus> events = new Gate<>("event bus", PATIENCE);

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindVms(VmDesk found) {
        vms.open(found);
        guests.tell(found);
    }

    void unbindVms(VmDesk gone) {
        vms.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindAuthenticator(Authenticator found) {
        authenticator.open(found);
    }

    void unbindAuthenticator(Authenticator gone) {
        authenticator.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindTokens(Tokens found) {
        tokens.open(found);
    }

    void unbindTokens(Tokens gone) {
        tokens.close(gone);
    }

    @Reference(
            target = "(store=gateway)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindEvents(EventBus found) {
        events.open(found);
    }

    void unbindEvents(EventBus gone) {
        events.close(gone);
    }
}
