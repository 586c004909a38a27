package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import io.github.headlock.SchemaStatus;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.roles.RoleLockouts;
import io.github.headlock.schema.SchemaHead;

/**
 * Looks at one history table and the roles that migrations of it block.
 */
final class LaterSchemaProbe implements SchemaProbe {

	private final SchemaHead head;

	private final RoleLockouts lockouts;

	private final Runnable onRecord;

	/**
	 * Creates the probe.
	 * @param head what to look at the schema with
	 * @param lockouts blocks of the application's roles
	 * @param onRecord run at each look that finds a record of blocked roles
	 */
	LaterSchemaProbe(SchemaHead head, RoleLockouts lockouts, Runnable onRecord) {
		this.head = head;
		this.lockouts = lockouts;
		this.onRecord = onRecord;
	}

	@Override
	public SchemaLook look(Connection connection) throws SQLException {
		MultiStatement message = new MultiStatement();
		Result<SchemaStatus> status = this.head.addLaterTo(message);
		Result<Boolean> recorded = this.lockouts.addRecordedTo(message);
		try {
			message.runReadOnly(connection);
		}
		catch (SQLException ex) {
			if (ConnectionFailure.mayPass(ex) || connection.isClosed()) {
				throw ex;
			}
			return withRoles(this.head.laterAfterRefusal(ex, connection), this.lockouts.areRecorded(connection),
					connection);
		}
		return withRoles(status.get(), recorded.get(), connection);
	}

	private SchemaLook withRoles(SchemaStatus status, boolean recorded, Connection connection) throws SQLException {
		if (recorded) {
			this.onRecord.run();
		}
		try {
			return new SchemaLook(status, recorded ? this.lockouts.list(connection) : List.of(), null);
		}
		catch (SQLException ex) {
			if (ConnectionFailure.mayPass(ex) || connection.isClosed()) {
				throw ex;
			}
			return new SchemaLook(status, List.of(SchemaLook.UNKNOWN),
					"The blocked roles cannot be read: " + RootCause.describe(ex));
		}
	}

}
