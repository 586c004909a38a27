package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.HeadlockException;
import io.github.headlock.MigrationOutcome;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Java migrations while the application's role is kept out.
 */
@Tag("every-postgresql")
class JavaMigrationTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	JavaMigrationTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql",
				"CREATE TABLE a (who text); GRANT INSERT ON a TO \"%s\"".formatted(this.roles.application()));
	}

	@Test
	void plainFlywayRunsOneThatUsesTheApplicationsDataSource() {
		replica().with(WithDataSource.class).plain().start().close();
		assertThat(this.database.list("SELECT who FROM a")).containsExactly(this.roles.application());
	}

	@Test
	void oneThatUsesTheConnectionOfItsContextRuns() {
		assertThat(replica().with(WithContext.class).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		assertThat(this.database.list("SELECT who FROM a")).containsExactly(this.roles.migrator());
	}

	@ParameterizedTest
	@ValueSource(strings = { "nologin", "revoke-connect" })
	void oneThatUsesTheApplicationsDataSourceIsToldWhyItFails(String blockWith) throws Exception {
		connectIsGrantedByName();
		assertThatException()
			.isThrownBy(
					() -> replica().with(WithDataSource.class).with("headlock.sessions.block-with", blockWith).start())
			.havingCause()
			.isInstanceOfSatisfying(BlockedRoleLoginException.class, (ex) -> {
				assertThat(ex.getRoles()).containsExactly(this.roles.application());
				assertThat(ex.getExitCode()).isOne();
			})
			.withMessageStartingWith(
					"A migration logs in as a role that headlock.sessions.roles blocks while it runs, ["
							+ this.roles.application() + "]: FATAL: ")
			.withCauseInstanceOf(FlywayException.class);
		assertThat(this.database.history()).containsExactly("1");
		this.roles.connect().close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "nologin", "revoke-connect" })
	void oneThatUsesTheApplicationsDataSourceThroughAPoolerIsToldWhyItFails(String blockWith) throws Exception {
		connectIsGrantedByName();
		try (PgBouncer pooler = this.database.pooler(4, "server_login_retry = 1")) {
			pooler.allow(this.roles.application(), this.roles.migrator());
			assertThatException()
				.isThrownBy(() -> replica().with(WithDataSource.class)
					.with("spring.datasource.url", pooler.url(this.database.name()))
					.with("headlock.sessions.block-with", blockWith)
					.start())
				.havingCause()
				.isInstanceOf(BlockedRoleLoginException.class);
		}
		this.roles.connect().close();
	}

	@Test
	void oneThatIsRefusedInAnotherDatabaseFailsAsWithFlyway() {
		connectIsGrantedByName();
		TestDatabase other = TestDatabase.create();
		other.execute("REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(other.name()));
		Elsewhere.url = other.url();
		assertThatException().isThrownBy(
				() -> replica().with(Elsewhere.class).with("headlock.sessions.block-with", "revoke-connect").start())
			.satisfies((ex) -> assertThat(ex).rootCause().hasMessageContaining(other.name()))
			.havingCause()
			.isNotInstanceOf(HeadlockException.class);
	}

	@Test
	void oneThatFailsOtherwiseFailsAsWithFlyway() {
		assertThatException().isThrownBy(() -> replica().with(Failing.class).start())
			.satisfies((ex) -> assertThat(ex).hasNoSuppressedExceptions())
			.havingCause()
			.isNotInstanceOf(HeadlockException.class)
			.withRootCauseInstanceOf(SQLException.class);
	}

	@Test
	void oneThatLogsInAsAnotherRoleWithALongerNameFailsAsWithFlyway() {
		assertThatException().isThrownBy(() -> replica().with(WithLongerName.class).start())
			.satisfies((ex) -> assertThat(ex)
				.hasRootCauseMessage("FATAL: role \"%s_reports\" does not exist".formatted(this.roles.application())))
			.havingCause()
			.isNotInstanceOf(HeadlockException.class);
	}

	private void connectIsGrantedByName() {
		this.database.execute(
				"GRANT CONNECT ON DATABASE %s TO %s".formatted(this.database.name(), this.roles.application()),
				"REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(this.database.name()));
	}

	private Replica replica() {
		return this.roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("spring.datasource.hikari.connection-timeout", "1000");
	}

	private static void insert(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("INSERT INTO a VALUES (current_user)");
		}
	}

	private static JavaMigration insertingThrough(DataSource source) {
		return new V2__In_java((context) -> {
			try (Connection connection = source.getConnection()) {
				insert(connection);
			}
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class WithDataSource {

		@Bean
		JavaMigration migration(DataSource application) {
			return insertingThrough(application);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithLongerName {

		@Bean
		JavaMigration migration(HikariDataSource application) {
			return insertingThrough(
					new DriverManagerDataSource(application.getJdbcUrl(), application.getUsername() + "_reports", ""));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Elsewhere {

		private static String url;

		@Bean
		JavaMigration migration(HikariDataSource application) {
			return insertingThrough(new DriverManagerDataSource(url, application.getUsername(), ""));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithContext {

		@Bean
		JavaMigration migration() {
			return new V2__In_context();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Failing {

		@Bean
		JavaMigration migration() {
			return new V2__In_java((context) -> {
				// the state of a refused login, but not from this server
				throw new SQLException("not permitted to log in elsewhere", "28000");
			});
		}

	}

	static final class V2__In_context extends BaseJavaMigration {

		@Override
		public void migrate(Context context) throws Exception {
			var jdbc = new JdbcTemplate(new SingleConnectionDataSource(context.getConnection(), true));
			jdbc.update("INSERT INTO a VALUES (current_user)");
		}

	}

	static final class V2__In_java extends BaseJavaMigration {

		private final Work work;

		V2__In_java(Work work) {
			this.work = work;
		}

		@Override
		public void migrate(Context context) throws SQLException {
			this.work.run(context);
		}

	}

	/**
	 * What a migration does.
	 */
	private interface Work {

		void run(Context context) throws SQLException;

	}

}
