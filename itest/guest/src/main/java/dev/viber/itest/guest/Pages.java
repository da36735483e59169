package dev.viber.itest.guest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The pages that the agent is tried on, under two names: pages of the one are strangers to those of the other. */
public final class Pages implements AutoCloseable {
    private static final Map<String, String> PAGES = Map.ofEntries(
            Map.entry("/one", "<title>One</title><h1>one</h1><a href='/two'>to two</a><p hidden id=secret>unseen</p>"),
            Map.entry("/two", "<title>Two</title><h1>two</h1><a href='#below'>below</a>"),
            Map.entry(
                    "/restless",
                    "<title>Restless</title><script>setInterval(() => history.replaceState(0, '', '#' + Math.random()), 20)</script>"),
            Map.entry("/form", """
                    <title>Form</title>
                    <input id=name value=old oninput="log.textContent += '.'"> <div id=rich contenteditable>rich</div>
                    <select id=pick><option value=a>Alpha<option value=b>Beta</select>
                    <input type=file id=file multiple style="display:none" onchange="read(this.files)">
                    <button id=b data-kind=big onclick="log.textContent += 'left'" ondblclick="log.textContent += 'double'"
                      oncontextmenu="log.textContent += 'right'; return false">Press <b>me</b></button>
                    <button id=covered style="visibility:hidden">Hidden</button>
                    <span id=hover onmouseenter="log.textContent += 'over'">hover here</span>
                    <pre id=log></pre>
                    <script>
                      const log = document.getElementById('log');
                      setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<i id=late>late</i>'), 300);
                      async function read(files) {
                        for (const file of files) log.textContent += file.name + '=' + await file.text() + ';';
                      }
                    </script>"""),
            Map.entry("/canvas", """
                    <body style="margin:0"><div style="width:2000px;height:3000px"></div><script>
                      window.seen = [];
                      for (const kind of ['mousedown', 'mouseup', 'click', 'keydown', 'wheel', 'contextmenu'])
                        addEventListener(kind, e => seen.push(kind + ':' + (e.key ?? [e.clientX, e.clientY, e.button].join())
                          + (e.shiftKey ? '+shift' : '') + (e.ctrlKey ? '+ctrl' : '')), {passive: true});
                      addEventListener('mousemove', e => { if (e.buttons) seen.push('drag:' + e.clientX); });
                    </script>"""),
            Map.entry(
                    "/inner",
                    "<title>Inner</title><button id=i onclick=\"this.textContent='pressed'\">inner</button><input id=t>"),
            Map.entry(
                    "/dialogs",
                    "<button id=c onclick=\"document.title = confirm('sure?') ? 'yes' : 'no'\">ask</button>"
                            + "<button id=p onclick=\"document.title = prompt('who?', 'me')\">prompt</button>"),
            Map.entry("/endless", "<title>Endless</title><script>while (true) {}</script>"),
            Map.entry("/files", "<a id=d href='/download'>get</a>"),
            Map.entry("/popup", "<a id=w href='/two' target=_blank>open</a>"),
            Map.entry(
                    "/noise",
                    "<script>console.log('hello', {a: 1}); console.warn('careful'); fetch('/missing');"
                            + "setTimeout(() => { throw new Error('nobody caught me') })</script>"),
            Map.entry(
                    "/echo",
                    "<pre id=e></pre><script>e.textContent = navigator.userAgent + '|' + navigator.language + '|'"
                            + " + innerWidth + 'x' + innerHeight + '|' + devicePixelRatio</script>"));

    private final HttpServer server;
    private final String host;
    private final String foreignHost;
    private final Map<String, String> cookies = new ConcurrentHashMap<>();

    Pages() throws IOException {
        this(InetAddress.getLoopbackAddress(), "127.0.0.1", "localhost", 0);
    }

    /**
     * @param address at which they are served
     * @param host a name or address that leads there
     * @param foreignHost another that does
     * @param port 0 for any
     */
    public Pages(InetAddress address, String host, String foreignHost, int port) throws IOException {
        this.host = host;
        this.foreignHost = foreignHost;
        server = HttpServer.create(new InetSocketAddress(address, port), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    /** The address of a page of the first site. */
    public String url(String path) {
        return "http://" + host + ":" + port() + path;
    }

    String foreignUrl(String path) {
        return "http://" + foreignHost + ":" + port() + path;
    }

    String foreignHost() {
        return foreignHost;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** The cookies that came with the last request for that path. */
    String cookies(String path) {
        return cookies.getOrDefault(path, "");
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        cookies.put(path, String.valueOf(exchange.getRequestHeaders().getFirst("Cookie")));
        String type = "text/html; charset=utf-8";
        String body = PAGES.get(path);
        int status = 200;
        switch (path) {
            case "/frames" ->
                body = "<title>Frames</title><iframe name=near src='/inner' style='margin:20px'></iframe>"
                        + "<div style='height:50px'></div><iframe id=far src='" + foreignUrl("/inner")
                        + "' style='margin-left:70px'></iframe>";
            case "/download" -> {
                exchange.getResponseHeaders().set("Content-Disposition", "attachment; filename=\"fruit.txt\"");
                type = "application/octet-stream";
                body = "pears\0apples";
            }
            case "/slow" -> {
                // The document is there after a while, and long before its title.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
                exchange.getResponseHeaders().set("Content-Type", type);
                exchange.sendResponseHeaders(200, 0);
                try (exchange) {
                    exchange.getResponseBody().write("<p>It begins.".getBytes(StandardCharsets.UTF_8));
                    exchange.getResponseBody().flush();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
                    exchange.getResponseBody().write("<title>Slow</title>".getBytes(StandardCharsets.UTF_8));
                }
                return;
            }
            case "/silent" -> {
                // Never answered: the connection stays until its client goes.
                exchange.getRequestBody().readAllBytes();
                return;
            }
            default -> {
                if (body == null) {
                    status = 404;
                    body = "not here";
                }
            }
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        try (exchange) {
            exchange.getResponseBody().write(bytes);
        }
    }
}
