package dev.viber.launcher;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;

/** Resolves all bundles at once, and says what is missing where that fails. */
final class Resolution {
    private Resolution() {}

    static void of(Framework framework, Collection<Bundle> bundles) throws LaunchException {
        if (framework.adapt(FrameworkWiring.class).resolveBundles(bundles)) {
            return;
        }
        List<Bundle> all = List.of(framework.getBundleContext().getBundles());
        List<String> missing = new ArrayList<>();
        List<String> stuck = new ArrayList<>();
        for (Bundle bundle : bundles) {
            if (bundle.getState() == Bundle.INSTALLED) {
                stuck.add(bundle.getSymbolicName());
                for (BundleRequirement need : revision(bundle).getDeclaredRequirements(null)) {
                    if (isMandatory(need) && all.stream().noneMatch(each -> provides(each, need))) {
                        missing.add(bundle.getSymbolicName() + " " + bundle.getVersion() + " needs " + words(need)
                                + ", which nothing in the feature provides");
                    }
                }
            }
        }
        if (missing.isEmpty()) {
            missing.add("each need has a provider, but no choice fits all of " + stuck
                    + " (two versions of one package meet); the log of org.apache.felix.framework has the details");
        }
        throw new LaunchException(
                stuck.size() + " of " + bundles.size() + " bundles do not resolve:\n  " + String.join("\n  ", missing));
    }

    private static BundleRevision revision(Bundle bundle) {
        return bundle.adapt(BundleRevision.class);
    }

    private static boolean isMandatory(BundleRequirement need) {
        return !Constants.RESOLUTION_OPTIONAL.equals(need.getDirectives().get(Constants.RESOLUTION_DIRECTIVE))
                && !"dynamic".equals(need.getDirectives().get(Constants.RESOLUTION_DIRECTIVE))
                && Constants.EFFECTIVE_RESOLVE.equals(
                        need.getDirectives().getOrDefault(Constants.EFFECTIVE_DIRECTIVE, Constants.EFFECTIVE_RESOLVE));
    }

    private static boolean provides(Bundle bundle, BundleRequirement need) {
        return revision(bundle).getDeclaredCapabilities(need.getNamespace()).stream()
                .anyMatch(need::matches);
    }

    private static String words(BundleRequirement need) {
        String filter = need.getDirectives().getOrDefault(Constants.FILTER_DIRECTIVE, "");
        String kind = need.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE) ? "package" : need.getNamespace();
        return kind + " " + filter;
    }
}
