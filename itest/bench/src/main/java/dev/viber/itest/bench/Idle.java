package dev.viber.itest.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What an idle viber's connection costs the gateway in memory. */
final class Idle {
    private Idle() {}

    /** KiB of resident memory for each of so many sockets that said {@code connected} and nothing more. */
    static double perConnection(Server gateway, int sockets) throws IOException, InterruptedException {
        // The first ones pay for code and pools that the others share.
        List<Viber> warm = connect(gateway, "warm", 200);
        close(warm);
        long before = settled(gateway);
        List<Viber> idle = connect(gateway, "idle", sockets);
        long after = settled(gateway);
        close(idle);
        return (double) (after - before) / sockets;
    }

    private static List<Viber> connect(Server gateway, String name, int count)
            throws IOException, InterruptedException {
        Ages ages = new Ages(0);
        List<Viber> vibers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String id = name + i;
            Viber viber = Viber.connect(gateway.api(), id, gateway.viberToken(id), ages, 0, List.of());
            while (!viber.isWelcome()) {
                viber.read();
            }
            vibers.add(viber);
        }
        return vibers;
    }

    private static long settled(Server gateway) throws IOException, InterruptedException {
        for (int i = 0; i < 3; i++) {
            Proc.collect(gateway.pid());
        }
        return Proc.rssKib(gateway.pid());
    }

    private static void close(List<Viber> vibers) throws IOException {
        for (Viber viber : vibers) {
            viber.channel().close();
        }
    }
}
