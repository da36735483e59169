/** Machines under Cloud Hypervisor, by its HTTP API on a unix socket. */
@NullMarked
package dev.viber.hypervisor.cloud;

import org.jspecify.annotations.NullMarked;
