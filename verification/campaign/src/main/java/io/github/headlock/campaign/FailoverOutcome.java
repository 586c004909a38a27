package io.github.headlock.campaign;

/**
 * What a failover did.
 *
 * @param step at which step it struck
 * @param heldBack whether replication was held back before
 * @param lostMigrations how many migrations are no longer recorded after it
 * @param lostRestore whether it blocks roles again that were let in before
 * @param excused how many replicas were ready before their schema was, only because they
 * were started before the failover, which lost transactions
 */
record FailoverOutcome(Step step, boolean heldBack, int lostMigrations, boolean lostRestore, int excused) {
}
