package dev.viber.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code viber doctor}: what stands in the way, and what to do about it. */
@Command(
        name = "doctor",
        description = "Check this machine, the state folders and the server, and say what to do.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    /** How a check came out. */
    enum Verdict {
        OK,
        WARN,
        FAIL
    }

    /**
     * What a check found.
     *
     * @param advice what to do; empty where all is well
     */
    record Finding(String check, Verdict verdict, String found, String advice) {}

    @Mixin
    ServerOptions server = new ServerOptions();

    @Override
    public Integer call() {
        Output output = server.output();
        Discovery discovery = server.discovery();
        List<Finding> findings = new ArrayList<>(MachineChecks.all(discovery));
        findings.addAll(ServerChecks.all(discovery, server.server));
        for (Finding finding : findings) {
            output.show(
                    finding,
                    "%-4s  %-14s %s%s"
                            .formatted(
                                    finding.verdict(),
                                    finding.check(),
                                    finding.found(),
                                    finding.advice().isEmpty() ? "" : "\n      -> " + finding.advice()));
        }
        return findings.stream().anyMatch(finding -> finding.verdict() == Verdict.FAIL) ? Exit.FAILED : Exit.DONE;
    }
}
