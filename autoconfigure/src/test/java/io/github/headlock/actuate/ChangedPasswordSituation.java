package io.github.headlock.actuate;

import java.util.Map;

import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the tests of changed passwords share: a server that asks for them, and the roles
 * of a migrator and of an application.
 */
abstract class ChangedPasswordSituation {

	static final String OLD = "old";

	static final String NEW = "new";

	private static PostgresServer server;

	private static int number;

	TestDatabase database;

	String migrator;

	String application;

	@BeforeAll
	static void startServer() {
		server = PostgresServer.start(Map.of(), """
				host all postgres all trust
				host all all all scram-sha-256
				""");
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

	void assertReadsAnew(ConfigurableApplicationContext context) {
		assertThat(health(context).getStatus()).isEqualTo(Status.UP);
		this.database.execute("DELETE FROM flyway_schema_history WHERE version = '3'");
		assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
	}

	void change(String role) {
		this.database.execute("ALTER ROLE %s PASSWORD '%s'".formatted(role, NEW));
	}

	Replica oneRole() {
		return Replica.of(this.database.url(), "basic")
			.with("spring.datasource.username", this.migrator)
			.with("spring.datasource.password", OLD);
	}

	Replica twoRoles() {
		return oneRole().with("spring.datasource.username", this.application)
			.with("spring.flyway.url", this.database.url())
			.with("spring.flyway.user", this.migrator)
			.with("spring.flyway.password", OLD);
	}

	/** What is seen, once something is. */
	static Health health(ConfigurableApplicationContext context) {
		return await().until(() -> look(context), (health) -> !"UNKNOWN".equals(health.getDetails().get("state")));
	}

	static Health look(ConfigurableApplicationContext context) {
		return context.getBean("schemaHealthIndicator", SchemaHealthIndicator.class).health(true);
	}

}
