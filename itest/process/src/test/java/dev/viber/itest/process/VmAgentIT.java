package dev.viber.itest.process;

import dev.viber.itest.guest.Agent;
import dev.viber.itest.guest.AgentCalls;
import dev.viber.itest.guest.Pages;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Every call of the agent inside a VM, through the server's proxies; the pages are served by the VM's host. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
class VmAgentIT extends AgentCalls {
    private static final String HOST = "192.168.127.1";
    private static final String FOREIGN = "10.200.0.1";

    private static Machines machines;
    private static Pages pages;
    private static Agent agent;

    VmAgentIT() {
        super(agent, pages);
    }

    @BeforeAll
    static void start(@TempDir Path dir) throws Exception {
        Machines.said(List.of("ip", "address", "add", FOREIGN + "/32", "dev", "lo"));
        pages = new Pages(InetAddress.getByName("0.0.0.0"), HOST, FOREIGN, 0);
        machines = Machines.withBlank(dir);
        Cluster cluster = machines.cluster();
        cluster.startGateway();
        List<String> egress = List.of(HOST + ":" + pages.port(), FOREIGN + ":" + pages.port());
        machines.browser("agent", Map.of("egress", egress));
        String vm = cluster.api() + "/vms/agent";
        agent = Agent.at(vm + "/agent", machines.token(), URI.create(vm + "/devtools"));
    }

    @AfterAll
    static void stop() throws Exception {
        agent.close();
        pages.close();
        machines.close();
        Machines.said(List.of("ip", "address", "del", FOREIGN + "/32", "dev", "lo"));
    }
}
