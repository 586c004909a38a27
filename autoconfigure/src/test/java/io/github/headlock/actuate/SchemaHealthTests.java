package io.github.headlock.actuate;

import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.CountingProxy;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

/**
 * The health of the schema while the database changes under a running application.
 */
class SchemaHealthTests {

	private static final String POOL_VALIDATES_AFTER = "com.zaxxer.hikari.aliveBypassWindowMs";

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	SchemaHealthTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
	}

	@Tag("every-version")
	@Test
	void atHeadIsUpWithTheDetailsOfTheContract() {
		try (ConfigurableApplicationContext context = replica().start()) {
			Health health = health(context);
			assertThat(health.getStatus()).isEqualTo(Status.UP);
			assertThat(health.getDetails()).containsOnlyKeys("state", "currentVersion", "headVersion", "pending",
					"outcome", "waited", "took");
			assertThat(health.getDetails()).contains(entry("state", "AT_HEAD"), entry("currentVersion", "2"),
					entry("headVersion", "2"), entry("pending", 0), entry("outcome", "migrated"));
			assertThat(Duration.parse((String) health.getDetails().get("took"))).isPositive();
			assertThat(Duration.parse((String) health.getDetails().get("waited")))
				.isGreaterThanOrEqualTo(Duration.ZERO);
		}
		try (ConfigurableApplicationContext context = replica().start()) {
			assertThat(health(context).getDetails()).contains(entry("outcome", "fast-path"), entry("waited", "PT0S"));
		}
	}

	@Test
	void eachCallReadsTheDatabase() {
		try (ConfigurableApplicationContext context = replica().start()) {
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);

			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '2'");
			assertHealth(context, Status.OUT_OF_SERVICE,
					Map.of("state", "BEHIND", "currentVersion", "1", "pending", 1));

			this.database.execute("DROP TABLE flyway_schema_history");
			assertHealth(context, Status.OUT_OF_SERVICE, Map.of("state", "BEHIND", "pending", 2));
		}
	}

	@Test
	void eachCallIsOneRoundTripAndListsNoMigrations() throws Exception {
		URI server = URI.create(this.database.url().substring("jdbc:".length()));
		// the pool asks a connection that was idle for so long whether it lives
		System.setProperty(POOL_VALIDATES_AFTER, "60000");
		try (CountingProxy proxy = CountingProxy.start(server.getHost(), server.getPort(), Duration.ZERO);
				ConfigurableApplicationContext context = replica()
					.with("spring.datasource.url", proxy.url(this.database.name()))
					.start()) {
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			int before = proxy.counts().turns();
			// would be listed, if the migrations were listed again
			this.migrations.file("V3__c.sql", "CREATE TABLE c (id int)");
			for (int i = 0; i < 10; i++) {
				assertThat(look(context).getStatus()).isEqualTo(Status.UP);
			}
			assertThat(proxy.counts().turns() - before).isEqualTo(10);
		}
		finally {
			System.clearProperty(POOL_VALIDATES_AFTER);
		}
	}

	@Test
	void ofSeveralHistoriesAllMustBeReady() {
		Replica skipping = replica().with("headlock.skip-migrations", true)
			.with("spring.flyway.baseline-on-migrate", true)
			.with("spring.flyway.baseline-version", 0);
		try (ConfigurableApplicationContext context = skipping.start()) {
			Flyway first = context.getBean(Flyway.class);
			Flyway second = Flyway.configure()
				.configuration(first.getConfiguration())
				.table("second_history")
				.locations("classpath:db/modulith/orders")
				.load();
			context.getBean(HeadlockMigrationStrategy.class).migrate(second);
			assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
			first.migrate();
			assertThat(health(context).getDetails()).contains(entry("state", "BEHIND"), entry("pending", 2),
					entry("reason", "\"public\".\"second_history\": there is no history table"));
			Flyway.configure()
				.configuration(second.getConfiguration())
				.configuration(Map.of("flyway.postgresql.transactional.lock", "false"))
				.load()
				.migrate();
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '2'");
			assertThat(health(context).getDetails())
				.contains(entry("reason", "\"public\".\"flyway_schema_history\": version 2 (b) is pending"));
		}
	}

	@Tag("every-version")
	@Test
	void aSchemaAheadIsUp() {
		replica().startAndStop();
		this.migrations.delete("V2__b.sql");
		try (ConfigurableApplicationContext context = replica().start()) {
			assertHealth(context, Status.UP,
					Map.of("state", "AHEAD", "currentVersion", "2", "headVersion", "1", "pending", 0));
		}
	}

	@Tag("every-version")
	@Test
	void aFailedMigrationIsDown() {
		try (ConfigurableApplicationContext context = replica().start()) {
			this.database.execute("UPDATE flyway_schema_history SET success = false WHERE version = '2'");
			assertHealth(context, Status.DOWN, Map.of("state", "FAILED", "reason", "version 2 (b) failed"));
		}
	}

	@Test
	void aDatabaseThatDoesNotAnswerIsDown() throws Exception {
		try (ConfigurableApplicationContext context = replica().start(); Connection blocker = this.database.connect()) {
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			blocker.setAutoCommit(false);
			blocker.createStatement().execute("LOCK TABLE flyway_schema_history IN ACCESS EXCLUSIVE MODE");
			// it comes back although the table stays locked until the end of this
			for (int i = 0; i < 3; i++) {
				Health health = look(context);
				assertThat(health.getStatus()).isEqualTo(Status.DOWN);
				assertThat(health.getDetails()).containsEntry("state", "UNKNOWN");
			}
			// A read that is given up is given up on the server, too.
			await().until(
					() -> this.database
						.list("SELECT pid FROM pg_locks WHERE NOT granted "
								+ "AND relation = 'flyway_schema_history'::regclass")
						.size() <= 1);
			blocker.rollback();
			await().until(() -> health(context).getStatus().equals(Status.UP));
		}
	}

	@Test
	void anExhaustedPoolIsDown() throws Exception {
		try (ConfigurableApplicationContext context = replica().with("spring.datasource.hikari.maximum-pool-size", 1)
			.start(); Connection onlyOne = context.getBean(HikariDataSource.class).getConnection()) {
			Health health = look(context);
			assertThat(health.getStatus()).isEqualTo(Status.DOWN);
			assertThat(health.getDetails()).contains(entry("state", "UNKNOWN"),
					entry("reason", "The database did not answer within 1800 ms"));
		}
	}

	@Test
	void theCheckNeedsNoConnectionBesidesTheApplicationsOwn() {
		String role = this.database.name() + "_role";
		this.database.execute("CREATE ROLE %s LOGIN".formatted(role), "GRANT CREATE ON SCHEMA public TO " + role);
		try (ConfigurableApplicationContext context = replica().with("spring.datasource.username", role).start()) {
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			this.database.execute("ALTER DATABASE %s CONNECTION LIMIT 0".formatted(this.database.name()));
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
		}
	}

	@Test
	void connectionsComeBackToThePoolAsTheyWere() throws Exception {
		try (ConfigurableApplicationContext context = replica().with("spring.datasource.hikari.auto-commit", false)
			.with("spring.datasource.hikari.maximum-pool-size", 1)
			.start()) {
			health(context);
			health(context);
			try (Connection connection = context.getBean(HikariDataSource.class).getConnection()) {
				assertThat(connection.getAutoCommit()).isFalse();
				assertThat(connection.getNetworkTimeout()).isZero();
			}
			assertThat(this.database.list("SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction' "
					+ "AND datname = current_database()"))
				.isEmpty();
		}
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	/**
	 * What is seen, once something is: an answer that is late on a busy machine is none.
	 */
	private static Health health(ConfigurableApplicationContext context) {
		return await().until(() -> look(context), (health) -> !"UNKNOWN".equals(health.getDetails().get("state")));
	}

	private static Health look(ConfigurableApplicationContext context) {
		return context.getBean("schemaHealthIndicator", SchemaHealthIndicator.class).health(true);
	}

	private static void assertHealth(ConfigurableApplicationContext context, Status status,
			Map<String, Object> details) {
		Health health = health(context);
		assertThat(health.getStatus()).isEqualTo(status);
		assertThat(health.getDetails()).containsAllEntriesOf(details);
	}

}
