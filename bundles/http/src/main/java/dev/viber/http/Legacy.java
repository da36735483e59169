package dev.viber.http;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * The listener without credentials, for the first Viper's own programs, which have none to send: what it serves, and to
 * whom. Everybody on this machine who can open a connection is an operator of VMs there; browsers are kept out.
 */
final class Legacy {
    /** The name of its connector. */
    static final String CONNECTOR = "legacy";
    /** Who calls there. */
    static final Principal CALLER = new Principal("legacy-listen", Role.OPERATOR, null, "legacy listener");

    private static final String VM = "/api/v1/vms/[^/]+";
    /** The first Viper's paths, each behind the methods it had. */
    private static final List<Pattern> SERVED = List.of(
            Pattern.compile("GET /healthz"),
            Pattern.compile("GET /api/v1/system/status"),
            Pattern.compile("(GET|POST) /api/v1/vms"),
            Pattern.compile("(GET|DELETE) " + VM),
            Pattern.compile("[A-Z]+ " + VM + "/agent(/.*)?"),
            Pattern.compile("GET /api/v1/events/vms"),
            Pattern.compile("POST /api/v1/mcp"),
            Pattern.compile("GET /ws/v1/vms/[^/]+/devtools(/.*)?"),
            Pattern.compile("GET /ws/v1/vms/[^/]+/logs"),
            Pattern.compile("GET /ws/v1/agui"));
    /** Spellings by which one path can be told as another. */
    private static final Pattern ODD = Pattern.compile("//|/\\.{1,2}(/|$)|;|%2[eEfF]|%5[cC]|\\\\");

    private Legacy() {}

    /** Whether a request came over that listener. */
    static boolean isAsked(Request request) {
        return CONNECTOR.equals(request.getConnectionMetaData().getConnector().getName());
    }

    /** Why a request there is refused; null where it is served. */
    static @Nullable ProblemException refuse(Request request) {
        String site = request.getHeaders().get("Sec-Fetch-Site");
        if (request.getHeaders().contains(HttpHeader.ORIGIN) || (site != null && !site.equals("none"))) {
            return new ProblemException(
                    Kind.FORBIDDEN, "A page in a browser sent this; the listener without credentials is for programs");
        }
        String raw = String.valueOf(request.getHttpURI().getPath());
        String asked = request.getMethod() + " " + raw;
        if (ODD.matcher(raw).find()
                || SERVED.stream().noneMatch(each -> each.matcher(asked).matches())) {
            return new ProblemException(
                    Kind.NOT_FOUND,
                    "There is nothing at %s here: this listener serves the first Viper's paths alone".formatted(asked));
        }
        return null;
    }
}
