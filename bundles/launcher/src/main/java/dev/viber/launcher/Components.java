package dev.viber.launcher;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/**
 * Asks Declarative Services which components are not there and why.
 *
 * <p>By reflection, as the service's types live in a bundle: it is asked only where a start went wrong.
 */
final class Components {
    private static final String RUNTIME = "org.osgi.service.component.runtime.ServiceComponentRuntime";
    private static final int UNSATISFIED_CONFIGURATION = 1;
    private static final int UNSATISFIED_REFERENCE = 2;
    private static final int FAILED_ACTIVATION = 16;
    private static final Pattern CLASS_NAME = Pattern.compile("^(?:\\w+\\.)+[\\w$]+: ");

    private Components() {}

    /** The components that threw when they were activated, each with its error's first line. */
    static List<String> failed(BundleContext context) {
        return describe(context, FAILED_ACTIVATION);
    }

    /** The components that wait for a service or a configuration, or failed, each with what it waits for. */
    static List<String> unsatisfied(BundleContext context) {
        return describe(context, UNSATISFIED_CONFIGURATION | UNSATISFIED_REFERENCE | FAILED_ACTIVATION);
    }

    private static List<String> describe(BundleContext context, int states) {
        ServiceReference<?> reference = context.getServiceReference(RUNTIME);
        if (reference == null) {
            return List.of("Declarative Services is not running");
        }
        Object runtime = context.getService(reference);
        List<String> out = new ArrayList<>();
        try {
            Class<?> type = reference.getBundle().loadClass(RUNTIME);
            var descriptions = type.getMethod("getComponentDescriptionDTOs", Bundle[].class);
            for (Object description : (Collection<?>) descriptions.invoke(runtime, (Object) new Bundle[0])) {
                var configurations = type.getMethod("getComponentConfigurationDTOs", description.getClass());
                Collection<?> found = (Collection<?>) configurations.invoke(runtime, description);
                String name = (String) field(description, "name");
                if (found.isEmpty() && (states & UNSATISFIED_CONFIGURATION) != 0) {
                    out.add(name + " has no configuration of the PID "
                            + String.join(", ", (String[]) field(description, "configurationPid")));
                }
                for (Object configuration : found) {
                    int state = (int) field(configuration, "state");
                    if ((state & states) != 0) {
                        out.add(name + ": " + reason(configuration, state));
                    }
                }
            }
        } catch (ReflectiveOperationException e) {
            out.add("Declarative Services cannot be asked: " + e);
        }
        return out;
    }

    private static String reason(Object configuration, int state) throws ReflectiveOperationException {
        if (state == FAILED_ACTIVATION) {
            String failure = String.valueOf(field(configuration, "failure"));
            return rootCause(failure);
        }
        if (state == UNSATISFIED_CONFIGURATION) {
            return "waits for its configuration";
        }
        TreeSet<String> waits = new TreeSet<>();
        for (Object reference : (Object[]) field(configuration, "unsatisfiedReferences")) {
            Object target = field(reference, "target");
            waits.add(field(reference, "name") + (target == null ? "" : " " + target));
        }
        return "waits for " + String.join(", ", waits);
    }

    /** The message of the outermost of our own causes of a printed stack trace, without the name of its class. */
    private static String rootCause(String trace) {
        return trace.lines()
                .filter(line -> line.startsWith("Caused by: "))
                .map(line -> line.substring("Caused by: ".length()))
                .filter(line -> !line.startsWith("java.lang.reflect."))
                .findFirst()
                .or(() -> trace.lines().findFirst())
                .map(line -> CLASS_NAME.matcher(line).replaceFirst(""))
                .orElse(trace);
    }

    private static Object field(Object dto, String name) throws ReflectiveOperationException {
        return dto.getClass().getField(name).get(dto);
    }
}
