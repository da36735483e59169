/** Workloads: how many VMs of one kind are wanted, and what stands for each of them. */
@Export
@Version("1.0.0")
@NullMarked
package dev.viber.api.workload;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
