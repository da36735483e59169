package dev.viber.supervisor;

import dev.viber.api.vm.Console;
import dev.viber.api.vm.Monitor;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A machine that does what it is told, writes it down, and refuses what a test has it refuse. */
final class MachineDouble implements Monitor {
    final List<String> done = new ArrayList<>();
    boolean running = true;
    /** How many times it does not go on. */
    int deaf;
    /** Where its guest listens; null where it does not. */
    @Nullable
    SocketAddress guest;
    /** Whether it cannot be written. */
    boolean full;

    @Override
    public void boot() {
        done.add("boot");
    }

    @Override
    public Run run() {
        return running ? Run.RUNNING : Run.PAUSED;
    }

    @Override
    public void pause() {
        done.add("pause");
        running = false;
    }

    @Override
    public void resume() throws IOException {
        done.add("resume");
        if (deaf > 0) {
            deaf--;
            throw new IOException("it is deaf");
        }
        running = true;
    }

    @Override
    public List<String> snapshot(long pid, Path folder) throws IOException {
        done.add("snapshot");
        if (full) {
            throw new IOException("no room");
        }
        return List.of("memory");
    }

    @Override
    public void restore() {
        done.add("restore");
    }

    @Override
    public void powerButton() {
        done.add("power button");
    }

    @Override
    public void quit() {
        done.add("quit");
    }

    @Override
    public SocketChannel control() throws IOException {
        if (guest == null) {
            throw new IOException("its guest does not listen");
        }
        return SocketChannel.open(guest);
    }

    @Override
    public @Nullable Console console() {
        return null;
    }

    @Override
    public void close() {
        done.add("close");
    }
}
