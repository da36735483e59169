package dev.viber.api.viber;

/**
 * How a machine is, measured.
 *
 * @param cpu share of all cores in use since the last measurement, 0 to 1; negative where unknown
 * @param cores that the process may use
 * @param memory of the machine, in bytes
 * @param disk of the file system that holds the state folder, in bytes
 * @param load one-minute load average; negative where unknown
 * @param uptime of the viber's process, in seconds
 */
public record MachineFigures(double cpu, int cores, Amount memory, Amount disk, double load, long uptime) {
    /** A total and what is free of it, in bytes; negative where unknown. */
    public record Amount(long total, long available) {}
}
