package dev.viber.api.rest;

/** How far an artifact is here: the first byte to send; as many as it has where none is wanted. */
public record ArtifactOffset(long offset) {}
