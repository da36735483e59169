package dev.viber.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code viber doctor}: what stands in the way, and what to do about it. */
@Command(
        name = "doctor",
        description = {
            "Check this machine, the state folders and the server, and say what to do.",
            "Exit code: 0 where nothing fails (warnings are no failure), 1 where something does."
        },
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    /** In the order they are told; a further check is one more line here. */
    static final List<Check> CHECKS = List.of(
            MachineChecks::java,
            MachineChecks::port,
            new ClockCheck(),
            StateChecks::folders,
            StateChecks::secrets,
            StateChecks::disk,
            TlsChecks::files,
            TlsChecks::authorities,
            new ServerCheck(),
            DesktopChecks::display,
            DesktopChecks::chromium,
            SandboxChecks::confinedFiles,
            SandboxChecks::userNamespaces,
            SandboxChecks::landlock,
            SandboxChecks::seccomp,
            MachineChecks::ripgrep,
            VmChecks::hypervisor,
            VmChecks::network,
            VmChecks::image);

    /** A finding as scripts read it. */
    private record Told(String name, String state, String found, String fix) {}

    @Mixin
    ServerOptions server = new ServerOptions();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where a server here is to listen; else VIPER_API_LISTEN, 127.0.0.1:7777.")
    @Nullable
    String listen;

    @Mixin
    TlsOptions tls = new TlsOptions();

    @Override
    public Integer call() {
        Patient patient =
                new Patient(server.discovery(), server.server, server.connection, DaemonOptions.listen(listen), tls);
        return report(examine(CHECKS, patient), server.output());
    }

    /** What all checks find; one that breaks is a finding, too. */
    static List<Finding> examine(List<Check> checks, Patient patient) {
        List<Finding> out = new ArrayList<>();
        for (Check check : checks) {
            try {
                out.addAll(check.look(patient));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return out;
            } catch (CommandFailure e) {
                out.add(Finding.fail("options", String.valueOf(e.getMessage()), "correct what was given"));
            } catch (Exception e) {
                out.add(Finding.warn("doctor", "a check broke: " + e, "tell us what it says"));
            }
        }
        return out;
    }

    /** Tells them; the exit code. */
    static int report(List<Finding> findings, Output output) {
        for (Finding finding : findings) {
            String state = finding.state().name().toLowerCase(Locale.ROOT);
            output.show(
                    new Told(finding.name(), state, finding.found(), finding.fix()),
                    "%-4s  %-16s %s%s"
                            .formatted(
                                    state,
                                    finding.name(),
                                    finding.found(),
                                    finding.fix().isEmpty() ? "" : "\n      -> " + finding.fix()));
        }
        long failed = count(findings, Finding.State.FAIL);
        output.line("%d checks: %d failed, %d warnings"
                .formatted(findings.size(), failed, count(findings, Finding.State.WARN)));
        return failed > 0 ? Exit.FAILED : Exit.DONE;
    }

    private static long count(List<Finding> findings, Finding.State state) {
        return findings.stream().filter(each -> each.state() == state).count();
    }
}
