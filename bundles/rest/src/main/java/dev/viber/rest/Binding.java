package dev.viber.rest;

import dev.viber.api.rest.Route;
import org.jspecify.annotations.Nullable;

/** A route and what it does. */
record Binding<I, O>(Route<I, O> route, Work<I, O> work, Work.@Nullable Stream stream) {
    Binding(Route<I, O> route, Work<I, O> work) {
        this(route, work, null);
    }
}
