package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import javax.sql.DataSource;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import org.flywaydb.core.Flyway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a process leaves behind that is killed after it has committed the block.
 */
final class LeftOverBlock {

	static final HistoryTable HISTORY = new HistoryTable("public", "flyway_schema_history");

	private LeftOverBlock() {
	}

	/** Leaves it, of the application's role. */
	static void leave(TestDatabase database, TestRoles roles) throws SQLException {
		leave(database, roles, BlockMode.NOLOGIN, roles.application());
	}

	/** Leaves it, of any roles. */
	static void leave(TestDatabase database, TestRoles roles, BlockMode blockWith, String... blocked)
			throws SQLException {
		try (Connection connection = DriverManager.getConnection(database.url(), roles.migrator(), "")) {
			connection.setAutoCommit(false);
			new RoleJournal(HISTORY).block(connection, UUID.randomUUID(), blockWith,
					RoleFacts.read(connection, List.of(blocked)).stream().map(RoleFacts::oid).toList());
			connection.commit();
		}
	}

	/** What looks for it. */
	static RoleRestoreWatch watch(DataSource source, Duration longEnough) {
		MigrationConnections connections = MigrationConnections.of(Flyway.configure().dataSource(source));
		return new RoleRestoreWatch(connections, HISTORY, new RoleLockouts(connections, HISTORY), true, longEnough);
	}

	/** More looks than it takes to restore. */
	static void lookSeveralTimes(RoleRestoreWatch watch) {
		for (int i = 0; i < 3; i++) {
			watch.look();
		}
	}

	/** A session whose connection was closed ends a moment later. */
	static void awaitRestore(RoleRestoreWatch watch, TestRoles roles) throws SQLException {
		await().until(() -> {
			watch.look();
			return roles.canLogIn();
		});
		assertRestored(roles);
	}

	static void assertRestored(TestRoles roles) throws SQLException {
		roles.connect().close();
		assertThat(roles.isRecorded()).isFalse();
	}

}
