package io.github.headlock.migration;

import io.github.headlock.StartReport;
import io.github.headlock.database.HistoryTable;
import io.github.headlock.database.MigrationConnections;
import io.github.headlock.head.HeadProbe;

/**
 * Holds what a start leaves behind for those who ask later: how it went, and the means to
 * look again.
 *
 * @param report how the start went
 * @param table the history table
 * @param connections where to look
 * @param probe what to look with
 */
public record ManagedSchema(StartReport report, HistoryTable table, MigrationConnections connections, HeadProbe probe) {
}
