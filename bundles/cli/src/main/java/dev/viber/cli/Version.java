package dev.viber.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** Says which Viber this is, and on which Java. */
@Command(name = "version", description = "Print the version.")
final class Version implements IVersionProvider, Runnable {
    @Override
    public String[] getVersion() {
        Package ours = Version.class.getPackage();
        String version = ours.getImplementationVersion() == null ? "(unpacked)" : ours.getImplementationVersion();
        return new String[] {"viber " + version + " on Java " + Runtime.version()};
    }

    @Override
    public void run() {
        System.out.println(getVersion()[0]);
    }
}
