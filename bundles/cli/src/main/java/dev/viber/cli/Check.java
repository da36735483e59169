package dev.viber.cli;

import java.util.List;

/**
 * One thing that a doctor looks at.
 *
 * <p>It tells of what is amiss by its findings: an exception is a defect of the check itself.
 */
interface Check {
    /** What it finds: nothing where it has nothing to look at, else a finding for each thing it looked at. */
    List<Finding> look(Patient patient) throws Exception;
}
