/** Machines under QEMU: their command line, and the conversation with their process over QMP. */
@NullMarked
package dev.viber.hypervisor.qemu;

import org.jspecify.annotations.NullMarked;
