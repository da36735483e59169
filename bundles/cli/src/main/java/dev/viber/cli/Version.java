package dev.viber.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** Says which Viber this is, and on which Java. */
@Command(name = "version", description = "Print the version.")
final class Version implements IVersionProvider, Runnable {
    @Option(names = "--json", description = "One JSON object.")
    boolean json;

    @Override
    public String[] getVersion() {
        return new String[] {"viber " + ours() + " on Java " + Runtime.version()};
    }

    private static String ours() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "(unpacked)" : version;
    }

    @Override
    public void run() {
        System.out.println(
                json
                        ? Json.write(Map.of(
                                "version", ours(), "java", Runtime.version().toString()))
                        : getVersion()[0]);
    }
}
