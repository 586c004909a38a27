package io.github.headlock.flyway;

/**
 * Names a migration that is under way.
 *
 * @param script its script or class
 * @param pid process id of its server process
 * @param transactional whether it is rolled back if it fails
 */
record RunningMigration(String script, int pid, boolean transactional) {
}
