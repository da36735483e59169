/** Playbooks: read, checked and turned into plans, with their expressions. */
@NullMarked
package dev.viber.playbook;

import org.jspecify.annotations.NullMarked;
