package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

import io.github.headlock.SchemaStatus;
import io.github.headlock.history.History;
import io.github.headlock.history.HistoryReader;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.roles.RoleLockouts;
import io.github.headlock.schema.SchemaHead;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what a try looks at with one message to the server, because replicas try many
 * times. What the server refuses in one message is read with several.
 */
final class WaitingLookReader {

	private static final Logger logger = LoggerFactory.getLogger(WaitingLookReader.class);

	private static final String CONNECTION_FAILURE = "08006";

	private final SchemaHead head;

	private final RoleLockouts lockouts;

	private final MigrationLock lock;

	/** A message that reads a table that does not exist fails as a whole. */
	private boolean historyMissing;

	/**
	 * Creates a reader.
	 * @param head what to look at the schema with
	 * @param lockouts blocks of the application's roles
	 * @param lock the migration lock
	 */
	WaitingLookReader(SchemaHead head, RoleLockouts lockouts, MigrationLock lock) {
		this.head = head;
		this.lockouts = lockouts;
		this.lock = lock;
	}

	/**
	 * Reads it.
	 * @param connection a connection in autocommit mode
	 * @return what was read
	 * @throws SQLException if the connection is lost
	 */
	WaitingLook read(Connection connection) throws SQLException {
		if (!this.historyMissing) {
			try {
				return withHistory(connection);
			}
			catch (SQLException ex) {
				if (ConnectionFailure.mayPass(ex)) {
					throw ex;
				}
				this.historyMissing = HistoryReader.isMissing(ex);
				if (connection.isClosed()) {
					// the next try needs no transaction, and meets the reason
					throw this.historyMissing ? new SQLException("The connection ended", CONNECTION_FAILURE, ex) : ex;
				}
				logger.debug("What a try looks at cannot be read with one message", ex);
			}
		}
		if (this.historyMissing) {
			Optional<WaitingLook> look = withoutHistory(connection);
			if (look.isPresent()) {
				return look.get();
			}
			this.historyMissing = false;
		}
		return oneByOne(connection);
	}

	private WaitingLook withHistory(Connection connection) throws SQLException {
		MultiStatement message = new MultiStatement();
		Result<SchemaStatus> status = this.head.addTo(message);
		Result<Boolean> recorded = this.lockouts.addRecordedTo(message);
		Result<Boolean> standby = ServerFacts.addStandbyTo(message);
		Result<Optional<LockHolder>> holder = this.lock.addHolderTo(message, connection);
		message.runReadOnly(connection);
		return new WaitingLook(status.get(), recorded.get(), standby.get(), holder);
	}

	/** Empty if there is a history by now. */
	private Optional<WaitingLook> withoutHistory(Connection connection) throws SQLException {
		MultiStatement message = new MultiStatement();
		Result<Boolean> exists = this.head.addHistoryExistsTo(message);
		Result<Boolean> recorded = this.lockouts.addRecordedTo(message);
		Result<Boolean> standby = ServerFacts.addStandbyTo(message);
		Result<Optional<LockHolder>> holder = this.lock.addHolderTo(message, connection);
		message.run(connection);
		return exists.get() ? Optional.empty() : Optional
			.of(new WaitingLook(this.head.judge(History.none(standby.get())), recorded.get(), standby.get(), holder));
	}

	private WaitingLook oneByOne(Connection connection) throws SQLException {
		return new WaitingLook(this.head.look(connection), this.lockouts.areRecorded(connection),
				ServerFacts.isStandby(connection), () -> this.lock.holder(connection));
	}

}
