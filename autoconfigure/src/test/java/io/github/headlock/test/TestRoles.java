package io.github.headlock.test;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

import io.github.headlock.testbed.MigrationRoles;

/**
 * The roles of one test database: one that owns it and migrates, and one that the
 * application logs in with. Neither is a superuser.
 */
public final class TestRoles {

	private final TestDatabase database;

	private final MigrationRoles roles;

	private TestRoles(TestDatabase database, MigrationRoles roles) {
		this.database = database;
		this.roles = roles;
	}

	/** Creates the roles, with exactly the privileges that the documentation asks for. */
	public static TestRoles create(TestDatabase database) {
		return create(database, "application_" + database.name());
	}

	/** As above, with another name for the application's role. */
	public static TestRoles create(TestDatabase database, String application) {
		MigrationRoles roles = new MigrationRoles("migrator_" + database.name(), application);
		try (Connection connection = database.connect()) {
			roles.create(connection);
			roles.allowBlocking(connection);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		return new TestRoles(database, roles);
	}

	public String migrator() {
		return this.roles.migrator();
	}

	public String application() {
		return this.roles.application();
	}

	/** A replica that migrates as the one role and runs as the other. */
	public Replica replica(String url, String migrations) {
		return Replica.of(url, migrations)
			.with("spring.datasource.username", this.roles.application())
			.with("spring.flyway.url", url)
			.with("spring.flyway.user", this.roles.migrator())
			.with("spring.flyway.password", "");
	}

	/** The same, with the application's role blocked and its sessions terminated. */
	public Replica blockingReplica(String url, String migrations) {
		return replica(url, migrations).with("headlock.sessions.roles[0]", this.roles.application())
			.with("headlock.terminate-db-sessions", true);
	}

	/** A session of the application. */
	public Connection connect() throws SQLException {
		return connect(this.database);
	}

	/** A session of the application's role in any database. */
	public Connection connect(TestDatabase anyDatabase) throws SQLException {
		return DriverManager.getConnection(anyDatabase.url() + "?ApplicationName=shop", this.roles.application(), "");
	}

	public boolean canLogIn() {
		return this.database.value("SELECT rolcanlogin FROM pg_roles WHERE rolname::text = ?", this.roles.application())
			.equals("t");
	}

	/** Number of the application's sessions in the database. */
	public int sessions() {
		return Integer.parseInt(this.database.value(
				"SELECT count(*) FROM pg_stat_activity " + "WHERE usename::text = ? AND datname = current_database()",
				this.roles.application()));
	}

	/** Whether the database has a table of blocked roles, which is a sign of a block. */
	public boolean isRecorded() {
		return !this.database.list("SELECT 1 FROM pg_class WHERE relname LIKE '%blocked_roles'").isEmpty();
	}

}
