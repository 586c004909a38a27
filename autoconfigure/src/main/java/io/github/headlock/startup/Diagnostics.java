package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import io.github.headlock.flyway.InvalidIndexes;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.HeldLock.Query;
import io.github.headlock.schema.FailedMigrationException.FailedRow;
import io.github.headlock.schema.SchemaHead;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what helps a person to repair a failed migration, or to keep others out of one. A
 * lost lock does not hide it, nor does a failure to read it hide what else is to be told.
 */
final class Diagnostics {

	private static final Logger logger = LoggerFactory.getLogger(Diagnostics.class);

	/**
	 * What a standby refuses with: a change, and a transaction that may change something.
	 */
	private static final Set<String> READ_ONLY = Set.of("25006", "0A000");

	private final MigrationConnections connections;

	Diagnostics(MigrationConnections connections) {
		this.connections = connections;
	}

	/** Quoted names of what may be left of a {@code CREATE INDEX CONCURRENTLY}. */
	List<String> invalidIndexes(HeldLock lock) {
		return list(lock, InvalidIndexes::list);
	}

	/** The rows for which the schema is in the state {@code FAILED}. */
	List<FailedRow> failedRows(HeldLock lock, SchemaHead head) {
		return list(lock, head.upgrades()::failedRows);
	}

	/** Through what other roles could have their code run in this migration. */
	List<String> trust(HeldLock lock, HistoryTable table) {
		return list(lock, (connection) -> PrivilegeWarnings.read(connection, table));
	}

	/**
	 * Finds what a standby has refused to change, such as what a callback writes.
	 * @param failure how a run of Flyway has failed
	 * @param lock the lock, on the server that was reached
	 * @return the server's error, empty if it failed for another reason
	 */
	Optional<SQLException> refusalOfStandby(Throwable failure, HeldLock lock) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException refusal && refusal.getSQLState() != null
					&& READ_ONLY.contains(refusal.getSQLState())) {
				return list(lock, (connection) -> List.of(ServerFacts.isStandby(connection))).contains(true)
						? Optional.of(refusal) : Optional.empty();
			}
		}
		return Optional.empty();
	}

	<T> List<T> list(HeldLock lock, Query<List<T>> query) {
		try {
			return read(lock, query);
		}
		catch (SQLException | RuntimeException ex) {
			logger.warn("Diagnostics for the log cannot be read; startup continues without them", ex);
			return List.of();
		}
	}

	private <T> List<T> read(HeldLock lock, Query<List<T>> query) throws SQLException {
		try {
			return lock.read(query);
		}
		catch (SQLException lost) {
			try (Connection connection = this.connections.open()) {
				return query.read(connection);
			}
		}
	}

}
