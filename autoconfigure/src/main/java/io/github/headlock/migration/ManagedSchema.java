package io.github.headlock.migration;

import io.github.headlock.StartReport;
import io.github.headlock.database.ApplicationConnections;
import io.github.headlock.database.HistoryTable;
import io.github.headlock.database.MigrationConnections;
import io.github.headlock.guard.UpgradePath;
import io.github.headlock.head.HeadProbe;
import io.github.headlock.session.BlockedRoles;

/**
 * Holds what a start leaves behind for those who ask later: how it went, and the means to
 * look again.
 *
 * @param report how the start went
 * @param table the history table
 * @param connections where to look
 * @param application where to look if Flyway's credentials are refused
 * @param probe what to look with
 * @param blockedRoles the roles that migrations keep out
 * @param upgradePath the guards in force
 */
public record ManagedSchema(StartReport report, HistoryTable table, MigrationConnections connections,
		ApplicationConnections application, HeadProbe probe, BlockedRoles blockedRoles, UpgradePath upgradePath) {
}
