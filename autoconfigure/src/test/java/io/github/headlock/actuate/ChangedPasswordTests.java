package io.github.headlock.actuate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Map;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.flyway.autoconfigure.FlywayDataSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The health of the schema after passwords were changed under a running application, on a
 * server that asks for them.
 */
class ChangedPasswordTests {

	private static final String OLD = "old";

	private static final String NEW = "new";

	private static PostgresServer server;

	private static int number;

	private TestDatabase database;

	private String migrator;

	private String application;

	@BeforeAll
	static void startServer(@TempDir Path folder) throws IOException {
		Path rules = Files.writeString(folder.resolve("pg_hba.conf"), """
				host all postgres all trust
				host all all all scram-sha-256
				""");
		server = PostgresServer.start(Map.of("hba_file", rules.toString()));
	}

	@AfterAll
	static void stopServer() {
		server.close();
	}

	@BeforeEach
	void createRoles() {
		this.database = TestDatabase.on(server);
		number++;
		this.migrator = "migrator_" + number;
		this.application = "application_" + number;
		this.database.execute("CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(this.migrator, OLD),
				"CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(this.application, OLD),
				"ALTER DATABASE %s OWNER TO %s".formatted(this.database.name(), this.migrator),
				"GRANT CREATE ON SCHEMA public TO " + this.migrator);
	}

	@Test
	void thePoolsPasswordOfNowIsUsedBesideInitialSql() {
		Replica replica = oneRole().with("spring.flyway.init-sqls", "SET statement_timeout = '1min'");
		try (ConfigurableApplicationContext context = replica.start()) {
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			change(this.migrator);
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			pool.getHikariConfigMXBean().setPassword(NEW);
			assertThat(new JdbcTemplate(pool).queryForObject("SELECT 1", Integer.class)).isOne();
			assertReadsAnew(context);
		}
	}

	@Test
	void thePasswordOfNowIsUsedWithoutAPool() {
		Replica replica = oneRole().with("spring.datasource.type", SimpleDriverDataSource.class.getName());
		try (ConfigurableApplicationContext context = replica.start()) {
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			change(this.migrator);
			context.getBean(SimpleDriverDataSource.class).setPassword(NEW);
			assertReadsAnew(context);
		}
	}

	@Test
	@Tag("every-postgresql")
	void theApplicationsDataSourceIsAskedWhenFlywaysCredentialsAreRefused() {
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.application);
			change(this.migrator);
			assertReadsAnew(context);
		}
	}

	@Test
	void theLastStateSeenStandsIfTheApplicationMayNotReadTheHistory() {
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			change(this.migrator);
			assertTellsTheLastStateSeen(health(context));
		}
	}

	@Test
	void theLastStateSeenIsNotThatOfTheStart() {
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '3'");
			assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
			change(this.migrator);
			assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
			assertThat((String) health(context).getDetails().get("reason")).contains("Last state seen");
		}
	}

	@Test
	void theApplicationsPasswordIsNoneOfFlyways() {
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			change(this.application);
			assertReadsAnew(context);
		}
	}

	@Test
	void aPoolOfFlywaysOwnDoesNotHideThatItsPasswordIsRefused() throws Exception {
		Replica replica = oneRole().with("spring.datasource.username", this.application)
			.with(FlywayPool.class)
			.with("migrator.username", this.migrator);
		try (ConfigurableApplicationContext context = replica.start()) {
			this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.application);
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			HikariDataSource pool = context.getBean("flywayPool", HikariDataSource.class);
			try (Connection connection = pool.getConnection()) {
				pool.evictConnection(connection);
			}
			change(this.migrator);
			assertThat(look(context).getStatus()).isEqualTo(Status.UP);
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '3'");
			assertThat(look(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		}
	}

	@Test
	void anApplicationThatIsBoundToTheThreadIsAskedThere() {
		Replica replica = twoRoles().with(RoutedApplication.class);
		RoutedApplication.TENANT.set("only");
		try (ConfigurableApplicationContext context = replica.start()) {
			this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.application);
			change(this.migrator);
			assertThat(look(context).getStatus()).isEqualTo(Status.UP);
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '3'");
			assertThat(look(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		}
		finally {
			RoutedApplication.TENANT.remove();
		}
	}

	@Test
	void aDatabaseOfThatNameOnAnotherServerIsNotAsked() {
		TestDatabase other = TestDatabase.create();
		other.execute("CREATE DATABASE " + this.database.name());
		Replica replica = twoRoles().with("spring.datasource.username", "postgres")
			.with("spring.datasource.url", other.url().replaceFirst("[^/]*$", this.database.name()));
		try (ConfigurableApplicationContext context = replica.start()) {
			change(this.migrator);
			assertTellsTheLastStateSeen(health(context));
		}
		finally {
			other.execute("DROP DATABASE %s WITH (FORCE)".formatted(this.database.name()));
		}
	}

	@Test
	void anApplicationThatMayNotAskWhichServerItIsIsNotRead() {
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.application,
					"REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
			change(this.migrator);
			assertTellsTheLastStateSeen(health(context));
		}
	}

	@Test
	void aServerThatDoesNotSayWhichOneItIsIsNotAskedOverTheApplication() {
		this.database.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.application);
			change(this.migrator);
			assertTellsTheLastStateSeen(health(context));
		}
	}

	@Test
	void bothPasswordsChangedAreDown() {
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			change(this.migrator);
			change(this.application);
			Health health = look(context);
			assertThat(health.getStatus()).isEqualTo(Status.DOWN);
			assertThat(health.getDetails()).containsEntry("state", "UNKNOWN");
		}
	}

	private static void assertTellsTheLastStateSeen(Health health) {
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("state", "AT_HEAD").containsEntry("currentVersion", "3");
		assertThat((String) health.getDetails().get("reason"))
			.startsWith("Last state seen. Flyway's credentials are refused, and the application's data source "
					+ "cannot read the history table: ");
	}

	private void assertReadsAnew(ConfigurableApplicationContext context) {
		assertThat(health(context).getStatus()).isEqualTo(Status.UP);
		this.database.execute("DELETE FROM flyway_schema_history WHERE version = '3'");
		assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
	}

	private void change(String role) {
		this.database.execute("ALTER ROLE %s PASSWORD '%s'".formatted(role, NEW));
	}

	private Replica oneRole() {
		return Replica.of(this.database.url(), "basic")
			.with("spring.datasource.username", this.migrator)
			.with("spring.datasource.password", OLD);
	}

	private Replica twoRoles() {
		return oneRole().with("spring.datasource.username", this.application)
			.with("spring.flyway.url", this.database.url())
			.with("spring.flyway.user", this.migrator)
			.with("spring.flyway.password", OLD);
	}

	/** What is seen, once something is. */
	private static Health health(ConfigurableApplicationContext context) {
		return await().until(() -> look(context), (health) -> !"UNKNOWN".equals(health.getDetails().get("state")));
	}

	private static Health look(ConfigurableApplicationContext context) {
		return context.getBean("schemaHealthIndicator", SchemaHealthIndicator.class).health(true);
	}

	@Configuration(proxyBeanMethods = false)
	static class RoutedApplication {

		static final ThreadLocal<String> TENANT = new ThreadLocal<>();

		@Bean
		AbstractRoutingDataSource routing(Environment environment) {
			AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {

				@Override
				protected Object determineCurrentLookupKey() {
					return TENANT.get();
				}

			};
			routing.setTargetDataSources(
					Map.of("only", new DriverManagerDataSource(environment.getRequiredProperty("spring.datasource.url"),
							environment.getRequiredProperty("spring.datasource.username"), OLD)));
			routing.setLenientFallback(false);
			return routing;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FlywayPool {

		@Bean(defaultCandidate = false)
		@FlywayDataSource
		HikariDataSource flywayPool(Environment environment) {
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl(environment.getRequiredProperty("spring.datasource.url"));
			pool.setUsername(environment.getRequiredProperty("migrator.username"));
			pool.setPassword(OLD);
			pool.setMaximumPoolSize(2);
			pool.setMinimumIdle(0);
			return pool;
		}

	}

}
