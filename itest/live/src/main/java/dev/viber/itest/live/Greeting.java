package dev.viber.itest.live;

import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** A component that is there only while it is configured; its setting has the house's form of name. */
@Component(
        service = Greeting.class,
        configurationPid = Greeting.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "test=greeting")
public final class Greeting {
    static final String PID = "dev.viber.itest.greeting";

    private final Map<String, Object> settings;

    /** Its settings. */
    @interface Settings {
        int max_bytes() default 7;
    }

    /** Made by Declarative Services. */
    @Activate
    public Greeting(Settings settings) {
        this.settings = Map.of("max.bytes", settings.max_bytes());
    }

    /** The settings it was made with. */
    public Map<String, Object> settings() {
        return settings;
    }
}
