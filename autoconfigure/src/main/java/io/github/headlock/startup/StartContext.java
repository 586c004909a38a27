package io.github.headlock.startup;

import java.sql.SQLException;
import java.time.Duration;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaStatus;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.roles.RoleLockouts;
import io.github.headlock.schema.MigrationListing;
import io.github.headlock.schema.SchemaHead;
import io.github.headlock.waiting.Deadline;
import org.flywaydb.core.api.configuration.Configuration;

/**
 * Holds what all steps of a start work with.
 *
 * @param configuration configuration of the application's Flyway, which is only read
 * @param connections connections of the role that migrates
 * @param server the facts of the server
 * @param settings what the team decided
 * @param deadline bound of the wait for the lock, which began with the start
 * @param table the history table
 * @param head compares the history with this release
 * @param lockouts the application's roles that migrations keep out
 */
record StartContext(Configuration configuration, MigrationConnections connections, ServerFacts server,
		MigrationSettings settings, Deadline deadline, HistoryTable table, SchemaHead head, RoleLockouts lockouts) {

	/**
	 * Gathers it, and reads nothing from the database.
	 * @param configuration configuration of the application's Flyway
	 * @param connections connections of the role that migrates
	 * @param server the facts of the server
	 * @param migrations the migrations of this release
	 * @param settings what the team decided
	 * @param deadline bound of the wait for the lock, which began with the start
	 * @return the context
	 */
	static StartContext of(Configuration configuration, MigrationConnections connections, ServerFacts server,
			MigrationListing migrations, MigrationSettings settings, Deadline deadline) {
		HistoryTable table = HistoryTable.of(configuration, server);
		SchemaHead head = SchemaHead.of(configuration, migrations.on(table, server), table, settings.upgradePath());
		return new StartContext(configuration, connections, server, settings, deadline, table, head,
				new RoleLockouts(connections, table));
	}

	/**
	 * Reads through the connection of the lock.
	 * @param lock the lock
	 * @param query reads
	 * @param problem what is wrong if that fails, in words
	 * @param <T> what it reads
	 * @return what was read
	 * @throws DatabaseUnavailableException if it cannot be read
	 */
	<T> T read(HeldLock lock, HeldLock.Query<T> query, String problem) {
		try {
			return lock.read(query);
		}
		catch (SQLException ex) {
			throw new DatabaseUnavailableException(this.connections.toString(), problem, ex);
		}
	}

	/**
	 * Reports a start that has applied nothing.
	 * @param outcome the way it took
	 * @param status the schema at the last look
	 * @param waited time of the wait
	 * @return the report
	 */
	MigrationReport report(MigrationOutcome outcome, SchemaStatus status, Duration waited) {
		return report(outcome, status, 0, 0, waited, Duration.ZERO);
	}

	/**
	 * Reports a start.
	 * @param outcome the way it took
	 * @param status the schema at the last look
	 * @param migrations number of migrations that were applied
	 * @param terminated number of sessions that were terminated
	 * @param waited time of the wait
	 * @param held time that the lock was held
	 * @return the report
	 */
	MigrationReport report(MigrationOutcome outcome, SchemaStatus status, int migrations, int terminated,
			Duration waited, Duration held) {
		return new MigrationReport(outcome, this.table.schema(), status, migrations, terminated, waited, held,
				this.deadline.stopwatch().elapsed());
	}

}
