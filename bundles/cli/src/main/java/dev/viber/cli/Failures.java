package dev.viber.cli;

import dev.viber.api.problem.ProblemException;
import dev.viber.client.UnreachableException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells people what went wrong, in lines that begin with {@code viber:} and never with a stack trace. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    @Override
    public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
        return tell(failure, line.getErr());
    }

    @Override
    public int handleParseException(ParameterException wrong, String[] args) {
        CommandLine line = wrong.getCommandLine();
        PrintWriter err = line.getErr();
        err.println("viber: " + String.valueOf(wrong.getMessage()).replace("option option", "option"));
        UnmatchedArgumentException.printSuggestions(wrong, err);
        err.println("viber: see '" + line.getCommandSpec().qualifiedName() + " --help'");
        return Exit.USAGE;
    }

    /** Prints the failure and gives its exit code. */
    static int tell(Throwable failure, PrintWriter err) {
        return switch (failure) {
            case CommandFailure known -> say(err, known.exitCode(), String.valueOf(known.getMessage()));
            case UnreachableException away ->
                say(
                        err,
                        Exit.NO_SERVER,
                        away.getMessage() + "; is a server running there? (" + Hint.command("up")
                                + ", or --server URL)");
            case ProblemException problem -> problem(problem, err);
            default ->
                say(
                        err,
                        Exit.FAILED,
                        failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage());
        };
    }

    private static int problem(ProblemException problem, PrintWriter err) {
        Object found = problem.extensions().get("findings");
        List<String> findings = findings(found);
        if (!findings.isEmpty()) {
            boolean playbook = isOfPlaybook(found);
            if (playbook) {
                err.println("viber: the playbook is not sound:");
            }
            findings.forEach(finding -> err.println((playbook ? "viber:   " : "viber: ") + finding));
            err.flush();
            return Exit.USAGE;
        }
        return switch (problem.kind()) {
            case UNAUTHORIZED ->
                say(
                        err,
                        Exit.NOT_ALLOWED,
                        problem.getMessage() + "; set VIBER_TOKEN, or --state to the server's state folder");
            case INVALID, MALFORMED -> say(err, Exit.USAGE, String.valueOf(problem.getMessage()));
            case FORBIDDEN -> say(err, Exit.NOT_ALLOWED, String.valueOf(problem.getMessage()));
            default -> say(err, Exit.FAILED, String.valueOf(problem.getMessage()));
        };
    }

    private static boolean isOfPlaybook(@Nullable Object findings) {
        return findings instanceof List<?> list
                && list.stream().anyMatch(each -> each instanceof Map<?, ?> one && one.containsKey("line"));
    }

    /** Findings of a playbook's check as {@code line:column: message}, of a request's as {@code member message}. */
    static List<String> findings(@Nullable Object findings) {
        if (!(findings instanceof List<?> list)) {
            return List.of();
        }
        return list.stream()
                .filter(Map.class::isInstance)
                .map(each -> (Map<?, ?>) each)
                .map(Failures::finding)
                .toList();
    }

    private static String finding(Map<?, ?> each) {
        String message = String.valueOf(each.get("message"));
        if (each.get("line") instanceof Number at) {
            return at.intValue() > 0 ? at + ":" + each.get("column") + ": " + message : message;
        }
        return each.get("pointer") instanceof String pointer && pointer.length() > 1
                ? pointer.substring(1).replace('/', '.') + " " + message
                : message;
    }

    private static int say(PrintWriter err, int code, String message) {
        err.println("viber: " + message);
        err.flush();
        return code;
    }
}
