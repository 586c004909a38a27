package io.github.headlock.startup;

import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaStatus;
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

	/**
	 * Joins this schema with another one of the same process, such as that of another
	 * module: it is ready when both are.
	 * @param other what another history table stands for, over the same connections
	 * @return this one, or the other if only that is not ready; a look finds the other's
	 * state if that is not ready, with its history table in the reason, else this one's
	 */
	ManagedSchema and(ManagedSchema other) {
		ManagedSchema shown = other.report.isSchemaReady() ? this : other;
		SchemaProbe both = (connection) -> {
			SchemaStatus status = other.probe.look(connection);
			return status.state().isReady() ? this.probe.look(connection) : other.named(status);
		};
		return new ManagedSchema(shown.report, shown.table, this.connections, this.application, both,
				shown.blockedRoles, shown.upgradePath);
	}

	private SchemaStatus named(SchemaStatus status) {
		return new SchemaStatus(status.state(), status.currentVersion(), status.headVersion(), status.pending(),
				this.table + ": " + status.reason());
	}

}
