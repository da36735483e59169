package dev.viber.live.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.live.view.Tickets.Ticket;
import org.junit.jupiter.api.Test;

class TicketsTest {
    private final Tickets tickets = new Tickets();
    private final Ticket ticket = new Ticket(new Principal("t1", Role.OWNER, null), "web-1", true, null);

    @Test
    void opensOnceAndOnlyItsOwnVm() {
        String text = tickets.issue(ticket);
        assertThat(tickets.redeem(text, "web-1")).contains(ticket);
        assertThat(tickets.redeem(text, "web-1")).isEmpty();

        String other = tickets.issue(ticket);
        assertThat(other).isNotEqualTo(text).hasSizeGreaterThan(30);
        assertThat(tickets.redeem(other, "web-2")).isEmpty();
        assertThat(tickets.redeem(other, "web-1")).as("spent by the wrong try").isEmpty();
        assertThat(tickets.redeem("guessed", "web-1")).isEmpty();
    }

    @Test
    void oneThatIsReleasedAfterUseStaysUsed() {
        String text = tickets.issue(ticket);
        tickets.hold(text, ticket);
        assertThat(tickets.redeem(text, "web-1")).contains(ticket);
        tickets.release(text);
        assertThat(tickets.redeem(text, "web-1")).isEmpty();
    }
}
