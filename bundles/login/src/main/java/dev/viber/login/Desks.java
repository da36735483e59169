package dev.viber.login;

import dev.viber.api.auth.Audit;
import dev.viber.api.auth.Audit.Deed;
import dev.viber.api.auth.Audit.Outcome;
import dev.viber.api.auth.Authenticator;
import dev.viber.api.auth.DeviceGrants;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Tokens;
import dev.viber.api.gate.Gate;
import dev.viber.api.viber.ViberDesk;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The services that do the work, each behind its gate, so that any of them may be swapped under load. */
@Component(service = Desks.class)
public final class Desks {
    private static final Logger LOG = LoggerFactory.getLogger(Desks.class);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    final Gate<DeviceGrants> grants = new Gate<>("device grants", PATIENCE);
    final Gate<Authenticator> authenticator = new Gate<>("authenticator", PATIENCE);
    final Gate<Tokens> tokens = new Gate<>("token desk", PATIENCE);
    final Gate<ViberDesk> vibers = new Gate<>("viber desk", PATIENCE);
    final Gate<Audit> audit = new Gate<>("audit log", PATIENCE);

    /** Keeps what was done in the audit log; returns when it is durable. */
    void keep(
            @Nullable Principal by,
            String address,
            String action,
            @Nullable String target,
            Outcome outcome,
            Map<String, Object> detail) {
        Optional<Audit> log = audit.peek();
        if (log.isEmpty()) {
            return;
        }
        try {
            log.get()
                    .add(new Deed(by, address, action, target, outcome, detail))
                    .getValue();
        } catch (InvocationTargetException | RuntimeException e) {
            LOG.error("{} of {} is not in the audit log", action, target, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindGrants(DeviceGrants found) {
        grants.open(found);
    }

    void unbindGrants(DeviceGrants gone) {
        grants.close(gone);
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
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindVibers(ViberDesk found) {
        vibers.open(found);
    }

    void unbindVibers(ViberDesk gone) {
        vibers.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindAudit(Audit found) {
        audit.open(found);
    }

    void unbindAudit(Audit gone) {
        audit.close(gone);
    }
}
