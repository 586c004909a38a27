package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What is found out before anything is changed, against what the server then allows.
 */
@Tag("every-postgresql")
class PreflightTests {

	private final TestDatabase database = TestDatabase.create();

	private final String migrator = "m_" + this.database.name();

	private final String application = "a_" + this.database.name();

	/** Each privilege alone and with all others. */
	static Stream<List<String>> privileges() {
		List<List<String>> combinations = new ArrayList<>();
		for (String createRole : List.of("", "ALTER ROLE migrator CREATEROLE")) {
			for (String grant : List.of("", "GRANT application TO migrator",
					"GRANT application TO migrator WITH ADMIN OPTION",
					"ALTER ROLE migrator NOINHERIT; GRANT application TO migrator WITH ADMIN OPTION")) {
				for (String signal : List.of("", "GRANT pg_signal_backend TO migrator")) {
					for (String statistics : List.of("", "GRANT pg_read_all_stats TO migrator")) {
						combinations.add(List.of(createRole, grant, signal, statistics));
					}
				}
			}
		}
		return combinations.stream();
	}

	@ParameterizedTest
	@MethodSource("privileges")
	void whatItForeseesIsWhatTheServerDoes(List<String> statements) throws Exception {
		createRoles();
		for (String statement : statements) {
			run(statement.replace("migrator", this.migrator).replace("application", this.application));
		}
		for (boolean terminating : new boolean[] { false, true }) {
			assertThat(failures(BlockMode.NOLOGIN, terminating).isEmpty())
				.as("terminating: %s, foreseen: %s", terminating, failures(BlockMode.NOLOGIN, terminating))
				.isEqualTo(mayAlter() && maySee() && (!terminating || mayTerminate()));
		}
		failures(BlockMode.NOLOGIN, true).forEach((failure) -> run(failure.remedy()));
		assertThat(failures(BlockMode.NOLOGIN, true)).isEmpty();
		assertThat(mayAlter() && maySee() && mayTerminate()).isTrue();
	}

	@Test
	void onlyASuperuserMayAlterAReplicationRoleUpTo15() throws Exception {
		createRoles();
		run("ALTER ROLE %s REPLICATION".formatted(this.application));
		run("ALTER ROLE %s CREATEROLE".formatted(this.migrator));
		run("GRANT %s TO %s %s".formatted(this.application, this.migrator,
				(this.database.majorVersion() >= 16) ? "WITH ADMIN OPTION" : ""));
		assertThat(failures(BlockMode.NOLOGIN, true).isEmpty()).isEqualTo(mayAlter());
		failures(BlockMode.NOLOGIN, true).forEach((failure) -> run(failure.remedy()));
		assertThat(mayAlter()).isTrue();
	}

	@Test
	void connectThroughOthersIsNamedAndItsCuresCure() throws Exception {
		createRoles();
		String group = "g_" + this.database.name();
		run("CREATE ROLE %s".formatted(group));
		run("GRANT %s TO %s".formatted(group, this.application));
		run("GRANT CONNECT ON DATABASE %s TO %s".formatted(this.database.name(), group));
		run("GRANT CONNECT ON DATABASE %s TO %s WITH GRANT OPTION".formatted(this.database.name(), this.application));
		assertThat(failures(BlockMode.REVOKE_CONNECT, false)).extracting(PreflightFailure::problem)
			.containsExactly("role %s does not own database %s".formatted(this.migrator, this.database.name()),
					"role \"%s\" would keep CONNECT on database %s through PUBLIC".formatted(this.application,
							this.database.name()),
					"role \"%s\" would keep CONNECT on database %s through role %s".formatted(this.application,
							this.database.name(), group),
					"role \"%s\" holds CONNECT on database %s with the right to grant it to others"
						.formatted(this.application, this.database.name()),
					"role %s may not see the sessions of role \"%s\"".formatted(this.migrator, this.application));
		failures(BlockMode.REVOKE_CONNECT, true).forEach((failure) -> run(failure.remedy()));
		assertThat(failures(BlockMode.REVOKE_CONNECT, true)).isEmpty();
		asApplication().close();
		run("REVOKE CONNECT ON DATABASE %s FROM %s".formatted(this.database.name(), this.application));
		assertThatThrownBy(this::asApplication).hasMessageContaining("permission denied for database");
	}

	@Test
	void connectGrantedByAnotherIsNamedAndItsCureCures() throws Exception {
		createRoles();
		String grantor = "x_" + this.database.name();
		String name = this.database.name();
		run("CREATE ROLE %s".formatted(grantor));
		run("ALTER DATABASE %s OWNER TO %s".formatted(name, this.migrator));
		run("REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(name));
		run("GRANT CONNECT ON DATABASE %s TO %s WITH GRANT OPTION".formatted(name, grantor));
		run("SET ROLE %s; GRANT CONNECT ON DATABASE %s TO %s; RESET ROLE".formatted(grantor, name, this.application));
		assertThat(failures(BlockMode.REVOKE_CONNECT, false)).extracting(PreflightFailure::problem)
			.contains("role \"%s\" would keep CONNECT on database %s through a grant by role %s"
				.formatted(this.application, name, grantor));
		failures(BlockMode.REVOKE_CONNECT, true).forEach((failure) -> run(failure.remedy()));
		assertThat(failures(BlockMode.REVOKE_CONNECT, true)).isEmpty();
		asApplication().close();
	}

	@Test
	void everythingIsNamedAtOnceAndNothingIsChanged() {
		createRoles();
		String missing = "x".repeat(70);
		run("CREATE ROLE \"%s\" LOGIN".formatted(missing.substring(0, 63)));
		run("CREATE ROLE super_%s LOGIN SUPERUSER".formatted(this.database.name()));
		run("CREATE SCHEMA closed");
		run("GRANT USAGE ON SCHEMA closed TO %s".formatted(this.migrator));
		Replica replica = Replica.of(this.database.url(), "basic")
			.with("spring.flyway.url", this.database.url())
			.with("spring.flyway.user", this.migrator)
			.with("spring.flyway.password", "")
			.with("spring.flyway.schemas", "closed")
			.with("headlock.terminate-db-sessions", true)
			.with("headlock.sessions.roles",
					String.join(",", missing, this.migrator, "super_" + this.database.name(), this.application));
		assertThatThrownBy(replica::startAndStop).cause()
			.isInstanceOfSatisfying(RolesNotBlockableException.class, (ex) -> {
				assertThat(ex.getExitCode()).isEqualTo(12);
				assertThat(ex).hasMessageContainingAll("may not create the table of blocked roles in schema closed",
						"role \"%s\" does not exist".formatted(missing),
						"role \"%s\" is the role that migrates".formatted(this.migrator),
						"role \"super_%s\" is a superuser".formatted(this.database.name()),
						"role %s may not alter roles".formatted(this.migrator),
						"role %s may not see the sessions of role \"%s\"".formatted(this.migrator, this.application),
						"role %s may not terminate the sessions of role \"%s\"".formatted(this.migrator,
								this.application));
			});
		assertThat(this.database.list("SELECT relname FROM pg_class WHERE relnamespace = 'closed'::regnamespace"))
			.isEmpty();
		assertThat(this.database.advisoryLocks()).isZero();
		run("DROP ROLE \"%s\"".formatted(missing.substring(0, 63)));
	}

	@Test
	void aRevokedFunctionIsNamedAndItsCureCures() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		run("REVOKE EXECUTE ON FUNCTION pg_terminate_backend(integer, bigint) FROM PUBLIC");
		Replica replica = roles.blockingReplica(this.database.url(), "basic");
		try (Connection session = roles.connect()) {
			assertThatThrownBy(replica::startAndStop).cause()
				.isInstanceOfSatisfying(RolesNotBlockableException.class, (ex) -> {
					assertThat(ex).hasMessageContaining("may not call pg_terminate_backend");
					ex.getFailures().forEach((failure) -> run(failure.remedy()));
				});
			assertThat(replica.startAndStop().terminatedSessions()).isOne();
		}
	}

	@Test
	void preparedTransactionsAreRefused() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		try (Connection session = roles.connect(); Statement statement = session.createStatement()) {
			session.setAutoCommit(false);
			statement.execute("SELECT txid_current()");
			statement.execute("PREPARE TRANSACTION 'in doubt'");
		}
		Replica replica = roles.blockingReplica(this.database.url(), "basic");
		assertThatThrownBy(replica::startAndStop).cause()
			.isInstanceOf(RolesNotBlockableException.class)
			.hasMessageContaining("has 1 prepared transactions, which keep their locks and cannot be terminated");
		this.database.execute("ROLLBACK PREPARED 'in doubt'");
		assertThat(replica.startAndStop().migrations()).isEqualTo(3);
	}

	@Test
	void withoutRolesItIsTheApplicationsOwn() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		try (Connection session = roles.connect()) {
			// the one that asked for the role's name may still be leaving
			assertThat(roles.replica(this.database.url(), "basic")
				.with("headlock.terminate-db-sessions", true)
				.startAndStop()
				.terminatedSessions()).isPositive();
			assertThat(session.isValid(0)).isFalse();
		}
		Replica shared = Replica.of(TestDatabase.create().url(), "basic").with("headlock.terminate-db-sessions", true);
		assertThatThrownBy(shared::startAndStop).cause()
			.isInstanceOf(RolesNotBlockableException.class)
			.hasMessageContaining("role \"postgres\" is the role that migrates");
	}

	private void createRoles() {
		run("CREATE ROLE %s LOGIN".formatted(this.migrator));
		run("CREATE ROLE %s LOGIN".formatted(this.application));
		run("GRANT CREATE ON SCHEMA public TO %s".formatted(this.migrator));
	}

	private void run(String sql) {
		this.database.execute(sql.isEmpty() ? "SELECT 1" : sql);
	}

	private List<PreflightFailure> failures(BlockMode blockWith, boolean terminating) throws SQLException {
		try (Connection connection = asMigrator()) {
			return Preflight.check(MigratorFacts.read(connection, "public"),
					RoleFacts.read(connection, List.of(this.application)), blockWith, terminating);
		}
	}

	private boolean mayAlter() throws SQLException {
		try (Connection connection = asMigrator(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("ALTER ROLE %s NOLOGIN".formatted(this.application));
			connection.rollback();
			return true;
		}
		catch (SQLException ex) {
			assertThat(ex.getSQLState()).isEqualTo("42501");
			return false;
		}
	}

	/**
	 * Whether the migrator can tell a session of the application from other processes.
	 */
	private boolean maySee() throws SQLException {
		try (Connection session = asApplication();
				Connection connection = asMigrator();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_stat_activity WHERE backend_type = "
						+ "'client backend' AND usename = '%s'".formatted(this.application))) {
			row.next();
			return row.getInt(1) > 0;
		}
	}

	private boolean mayTerminate() throws SQLException {
		try (Connection session = asApplication();
				Connection connection = asMigrator();
				Statement statement = connection.createStatement()) {
			statement.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%s'"
				.formatted(this.application));
			return true;
		}
		catch (SQLException ex) {
			assertThat(ex.getSQLState()).isEqualTo("42501");
			return false;
		}
	}

	private Connection asMigrator() throws SQLException {
		return DriverManager.getConnection(this.database.url(), this.migrator, "");
	}

	private Connection asApplication() throws SQLException {
		return DriverManager.getConnection(this.database.url(), this.application, "");
	}

}
