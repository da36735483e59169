package dev.viber.api.rest;

import java.util.Map;

/**
 * How the server is.
 *
 * @param tasks how many tasks are in each phase
 * @param vibers how many vibers there are: {@code total}, {@code online}
 * @param parts which parts are there: {@code tasks}, {@code vibers}, {@code tokens}, {@code events}, {@code store}
 * @param store facts of the store
 * @param uptime of the server's process, in seconds
 * @param vm_count how many VMs there are; the first Viper's word
 * @param cpu_percent of all cores in use by the process, 0 to 100; the first Viper's word
 * @param mem_percent of the heap's limit in use, 0 to 100; the first Viper's word
 */
public record SystemStatus(
        Map<String, Long> tasks,
        Map<String, Long> vibers,
        Map<String, Boolean> parts,
        Map<String, Long> store,
        long uptime,
        int vm_count,
        double cpu_percent,
        double mem_percent) {}
