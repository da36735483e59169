package dev.viber.tool.browser;

import dev.viber.api.tool.Tool;
import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Registers the tools: they are many and differ in little, so that a component for each would say less than a list. */
@Component(
        service = {},
        immediate = true)
public final class Offer {
    private final List<ServiceRegistration<Tool>> registrations = new ArrayList<>();

    /** All of them. */
    @Activate
    public Offer(BundleContext context, @Reference TaskBrowsers browsers) {
        List<Tool> tools = new ArrayList<>();
        tools.addAll(PageTools.of(browsers));
        tools.addAll(ElementTools.of(browsers));
        tools.addAll(KeepingTools.of(browsers));
        tools.add(new CloseTool(browsers));
        tools.forEach(each -> registrations.add(context.registerService(Tool.class, each, null)));
    }

    /** Each waits, for a bounded time, for the calls in it. */
    @Deactivate
    void close() {
        registrations.forEach(ServiceRegistration::unregister);
    }
}
