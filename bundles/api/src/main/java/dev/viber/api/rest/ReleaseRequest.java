package dev.viber.api.rest;

import dev.viber.api.browser.BrowserRequest;

/** A browser to give back. */
public record ReleaseRequest(
        @About(value = "The session's id; VIBER/ID of a viber's.", example = "\"checkout-17\"")
        @Text(pattern = BrowserRequest.ANY_ID_PATTERN)
        String id) {}
