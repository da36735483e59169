package dev.viber.itest.process;

import java.util.List;

/** What a real Chrome in a guest tries. */
final class EgressPages {
    /** A page opened, a script run in the last one; {@code MARK} is the try's mark. */
    record Try(String name, EgressTries.Witness witness, String call, String text) {}

    static final String OPEN = "/v1/browser/navigate";
    static final String RUN = "/v1/script/evaluate";
    static final List<Try> ALL = List.of(
            page("a private address", "http://10.1.2.3/MARK"),
            page("cloud metadata", "http://169.254.169.254/MARK"),
            page("a home network's address", "http://192.168.77.7/MARK"),
            page("one number for an address", "http://167838211/MARK"),
            page("in hexadecimal", "http://0x0a010203/MARK"),
            page("in octal", "http://012.1.2.3/MARK"),
            page("in short", "http://10.66051/MARK"),
            page("an address of IPv4 in IPv6", "http://[::ffff:10.1.2.3]/MARK"),
            page("a name for a private address", "http://private.test/MARK"),
            page("a name for metadata", "http://metadata.test/MARK"),
            page("a name for a dead public and a private address", "http://both.test:81/MARK"),
            page("a redirect to an address", "http://8.8.4.4/go/10.1.2.3/NUMBER"),
            page("a redirect to a name", "http://public.test/go/private.test/NUMBER"),
            new Try("the host, by a page", EgressTries.Witness.HOST, OPEN, "http://192.168.127.1:8090/MARK"),
            new Try("its public address", EgressTries.Witness.HOST, OPEN, "http://198.51.99.1:8090/MARK"),
            script("a script that leads on", "void (location.href = 'http://10.1.2.3/MARK')"),
            script("a script that leads on to a name", "void (location.href = 'http://private.test/MARK')"),
            script(
                    "a form",
                    "void (document.body.innerHTML = '<form action=http://10.1.2.3/MARK>',"
                            + " document.forms[0].submit())"),
            new Try("the other guest", EgressTries.Witness.OTHER, OPEN, "http://OTHER:7000/MARK"));

    private EgressPages() {}

    private static Try page(String name, String address) {
        return new Try(name, EgressTries.Witness.WORLD, OPEN, address);
    }

    private static Try script(String name, String script) {
        return new Try(name, EgressTries.Witness.WORLD, RUN, script);
    }
}
