package io.github.headlock.startup;

import io.github.headlock.MigrationReport;
import io.github.headlock.history.ApplicationConnections;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.roles.RoleLockouts;
import io.github.headlock.schema.SchemaProbe;
import io.github.headlock.upgrade.UpgradePath;

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
public record ManagedSchema(MigrationReport report, HistoryTable table, MigrationConnections connections,
		ApplicationConnections application, SchemaProbe probe, RoleLockouts blockedRoles, UpgradePath upgradePath) {
}
