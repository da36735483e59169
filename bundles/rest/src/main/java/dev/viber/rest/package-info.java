/** The REST face: one typed declaration per route, served, described and streamed. */
@NullMarked
package dev.viber.rest;

import org.jspecify.annotations.NullMarked;
