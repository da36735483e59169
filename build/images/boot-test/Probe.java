import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stands where the agent will be, and tells what a program finds there: its user, its token, a Chrome that answers. */
final class Probe {
    private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://127\\.0\\.0\\.1:(\\d+)/.*");
    private static final Pattern BROWSER = Pattern.compile("\"Browser\": \"(.*)\"");

    private final SocketChannel init;

    private Probe(SocketChannel init) {
        this.init = init;
    }

    public static void main(String[] arguments) throws IOException {
        var address = UnixDomainSocketAddress.of(System.getenv("VIPER_CONTROL_SOCKET"));
        try (SocketChannel init = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            init.connect(address);
            new Probe(init).run();
        }
    }

    private void run() throws IOException {
        String token = System.getenv("VIPER_AGENT_TOKEN_FILE");
        say("event name=java uid=" + uid(ProcessHandle.current().pid())
                + " token=" + (token == null ? "none" : Files.readString(Path.of(token)))
                + " localhost=" + InetAddress.getByName("localhost").getHostAddress()
                + " writable-root=" + Files.isWritable(Path.of("/usr"))
                + " chrome-sees=" + whatChromeSees());
        Process chrome = asChrome(
                        "/usr/lib/chromium/chromium-headless-shell",
                        "--remote-debugging-port=0",
                        "--user-data-dir=/var/lib/chrome/data",
                        "--disable-gpu",
                        "about:blank")
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output = chrome.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                System.out.println("chrome: " + line);
                Matcher listening = LISTENING.matcher(line);
                if (listening.matches()) {
                    say("ready browser=" + browser(listening.group(1)).replace(" ", "%20")
                            + " chrome-uid=" + uid(chrome.pid()) + " zygotes=" + zygotes());
                    follow();
                }
            }
        }
    }

    private static ProcessBuilder asChrome(String... command) {
        var whole = new ArrayList<>(List.of("/usr/sbin/viper-init", "as", "chrome"));
        whole.addAll(List.of(command));
        return new ProcessBuilder(whole);
    }

    /** What the other user can get at, of what is the agent's alone. */
    private static String whatChromeSees() throws IOException {
        String script = "[ -r /run/viper/token ] && printf token; "
                + "[ -w /run/viper/control.sock ] && printf socket; printf .";
        Process shell = asChrome("/bin/sh", "-c", script).start();
        return new String(shell.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    private static String browser(String port) throws IOException {
        var address = URI.create("http://127.0.0.1:" + port + "/json/version").toURL();
        var connection = (HttpURLConnection) address.openConnection();
        String text = new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher browser = BROWSER.matcher(text);
        return browser.find() ? browser.group(1) : "none-in-" + text.length() + "-bytes";
    }

    /** Sandboxed processes have process numbers of their own: the last number of NSpid is not the first. */
    private static long zygotes() {
        return ProcessHandle.allProcesses()
                .filter(process -> field(process.pid(), "NSpid").split("\\s+").length > 1)
                .count();
    }

    private static String uid(long pid) {
        return field(pid, "Uid").split("\\s+")[0];
    }

    private static String field(long pid, String name) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith(name + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException gone) {
            return "";
        }
    }

    /** A new identity is answered as the real agent will: by being ready anew. */
    private void follow() throws IOException {
        var lines = new BufferedReader(new InputStreamReader(Channels.newInputStream(init), StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            var address = NetworkInterface.getByName("eth0").getInterfaceAddresses().getFirst();
            say("ready after=" + line.split(" ")[0] + " address=" + address.toString().replace(" ", "%20")
                    + " name=" + Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
        }
    }

    private void say(String line) throws IOException {
        init.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
    }
}
