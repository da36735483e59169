package dev.viber.api.store;

/**
 * One event as the journal keeps it.
 *
 * @param kind of the event: {@code started}, {@code progress}, {@code completed}...
 * @param at when, in milliseconds since the epoch
 * @param data a JSON object as text; {@code {}} for none
 */
public record JournalEvent(String kind, long at, String data) {}
