package dev.viber.api.rest;

/** How many dead letters were taken off the desk. */
public record Pruned(int pruned) {}
