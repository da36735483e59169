package dev.viber.itest.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * A shop that wants a login, takes an order and gives a receipt. Its pages come to their end only when the test lets them, and
 * ask for that again and again, as pages do that outlive a broken line.
 */
final class BrowserSite implements AutoCloseable {
    static final String RECEIPT = "what,size\nTwelve apples,l\n";

    private static final String GATED = """
            <!doctype html><title>%s</title><h1>%s</h1>%s
            <script>
              window.loads = Math.random();
              const ask = async () => {
                try {
                  if (await (await fetch('/gate/%s')).text() === 'open') {
                    document.querySelector('%s').hidden = false;
                    return;
                  }
                } catch {}
                setTimeout(ask, 100);
              };
              ask();
            </script>""";

    private final HttpServer server;
    private final String host;
    private final Set<String> open = ConcurrentHashMap.newKeySet();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Map<String, String>> orders = new CopyOnWriteArrayList<>();

    /** One that this machine reaches. */
    BrowserSite() throws IOException {
        this(InetAddress.getLoopbackAddress(), "127.0.0.1");
    }

    /** One that listens there, and is told to be at this host. */
    BrowserSite(InetAddress address, String host) throws IOException {
        this.host = host;
        server = HttpServer.create(new InetSocketAddress(address, 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url() {
        return "http://" + host + ":" + port();
    }

    /** Lets the pages behind this gate come to their end. */
    void let(String gate) {
        open.add(gate);
    }

    /** Method and path of each request but those to the gates, as they came. */
    List<String> requests() {
        return requests.stream().filter(each -> !each.contains("/gate/")).toList();
    }

    List<Map<String, String>> orders() {
        return orders;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        requests.add(exchange.getRequestMethod() + " " + path);
        String cookie = exchange.getRequestHeaders().getFirst("Cookie");
        boolean known = cookie != null && cookie.contains("session=s3cret");
        Map<String, String> fields = fields(exchange);
        if (path.startsWith("/gate/")) {
            send(exchange, 200, "text/plain", open.contains(path.substring("/gate/".length())) ? "open" : "shut");
        } else if (path.equals("/login") && exchange.getRequestMethod().equals("POST")) {
            boolean right = "ada".equals(fields.get("user")) && "pa55".equals(fields.get("password"));
            exchange.getResponseHeaders().set("Location", right ? "/order" : "/login");
            if (right) {
                exchange.getResponseHeaders().set("Set-Cookie", "session=s3cret; Path=/; HttpOnly; Max-Age=3600");
            }
            send(exchange, 303, "text/plain", "");
        } else if (path.equals("/login")) {
            send(exchange, 200, "text/html", """
                    <!doctype html><title>Login</title><form method=post>
                    <input id=user name=user><input id=password name=password type=password><button>Log in</button></form>""");
        } else if (!known) {
            send(exchange, 403, "text/html", "<!doctype html><title>No</title>not logged in");
        } else if (path.equals("/order") && exchange.getRequestMethod().equals("POST")) {
            orders.add(fields);
            exchange.getResponseHeaders().set("Location", "/done");
            send(exchange, 303, "text/plain", "");
        } else if (path.equals("/order")) {
            send(exchange, 200, "text/html", GATED.formatted("Order", "Your order", """
                    <form method=post id=order hidden><label>What <input id=what name=what></label>
                    <select id=size name=size><option value=s>Small<option value=l>Large</select>
                    <button>Send</button></form>""", "order", "#order"));
        } else if (path.equals("/done")) {
            send(exchange, 200, "text/html", GATED.formatted("Done", "Thank you", """
                    <p>It is <strong>on its way</strong>.</p><a id=receipt hidden href=/receipt.csv>Receipt</a>""", "done", "#receipt"));
        } else if (path.equals("/receipt.csv")) {
            exchange.getResponseHeaders().set("Content-Disposition", "attachment; filename=\"r.csv\"");
            send(exchange, 200, "text/csv", RECEIPT);
        } else {
            send(exchange, 404, "text/plain", "no " + path);
        }
    }

    private static Map<String, String> fields(HttpExchange exchange) throws IOException {
        Map<String, String> out = new HashMap<>();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        for (String each : body.isEmpty() ? new String[0] : body.split("&", -1)) {
            String[] parts = each.split("=", 2);
            out.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return out;
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        try (exchange) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
