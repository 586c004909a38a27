package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;

import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaStatus;
import io.github.headlock.background.BackgroundCompletion;
import io.github.headlock.background.BackgroundOperations;
import io.github.headlock.background.BackgroundRunner;
import io.github.headlock.history.ApplicationConnections;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.roles.RoleRestoreWatch;
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
 * @param upgradePath the guards in force
 * @param roleRestoreWatches restore the login of roles later on, once started; none in a
 * process that skips migrations
 * @param backgroundRunners work on background migrations later on, once started
 * @param backgroundOperations tells operators of background migrations
 * @param backgroundCompletion finishes them before the start goes on, where it is to
 */
public record ManagedSchema(MigrationReport report, HistoryTable table, MigrationConnections connections,
		ApplicationConnections application, SchemaProbe probe, UpgradePath upgradePath,
		List<RoleRestoreWatch> roleRestoreWatches, List<BackgroundRunner> backgroundRunners,
		BackgroundOperations backgroundOperations,

		BackgroundCompletion backgroundCompletion) {

	/**
	 * Joins the schemas of one process, such as those of its modules, over the same
	 * connections.
	 * @param schemas the schemas, at least one
	 * @return the last, or the first that was not ready when the process started; a look
	 * finds the state of the first that is not ready, with its history table in the
	 * reason, else that of the last, and the blocked roles of all
	 */
	static ManagedSchema join(List<ManagedSchema> schemas) {
		ManagedSchema last = schemas.get(schemas.size() - 1);
		if (schemas.size() == 1) {
			return last;
		}
		ManagedSchema shown = schemas.stream()
			.filter((schema) -> !schema.report.isSchemaReady())
			.findFirst()
			.orElse(last);
		return new ManagedSchema(shown.report, shown.table, last.connections, last.application,
				(connection) -> look(schemas, connection), shown.upgradePath,
				schemas.stream().flatMap((schema) -> schema.roleRestoreWatches.stream()).toList(),
				schemas.stream().flatMap((schema) -> schema.backgroundRunners.stream()).toList(),
				shown.backgroundOperations,

				last.backgroundCompletion);
	}

	private static SchemaLook look(List<ManagedSchema> schemas, Connection connection) throws SQLException {
		SchemaLook joined = null;
		for (ManagedSchema schema : schemas) {
			SchemaLook look = schema.probe.look(connection);
			if (!look.status().state().isReady()) {
				look = look.with(schema.named(look.status()));
			}
			joined = (joined != null) ? joined.join(look) : look;
		}
		return Objects.requireNonNull(joined);
	}

	private SchemaStatus named(SchemaStatus status) {
		return new SchemaStatus(status.state(), status.currentVersion(), status.headVersion(), status.pending(),
				this.table + ": " + status.reason());
	}

}
