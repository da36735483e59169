/** Brings the VMs of a workload to what is wanted: so many, of one kind. */
@NullMarked
package dev.viber.workloads;

import org.jspecify.annotations.NullMarked;
