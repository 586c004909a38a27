package io.github.headlock.flyway;

import io.github.headlock.history.HistorySnapshot;

/**
 * What a migration's connection saw when it had taken the fence.
 *
 * @param pid process id of its server process
 * @param isHistoryCurrent whether the history was read after the fence was taken, and not
 * from a snapshot of before
 * @param history the history
 * @param isLockHeld whether the migration lock was held
 */
record FenceEntry(int pid, boolean isHistoryCurrent, HistorySnapshot history, boolean isLockHeld) {
}
