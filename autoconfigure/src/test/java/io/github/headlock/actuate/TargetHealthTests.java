package io.github.headlock.actuate;

import java.nio.file.Path;

import io.github.headlock.schema.SchemaBehindException;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * The health of a process whose Flyway leaves migrations out, which starts and serves
 * without Headlock, too.
 */
class TargetHealthTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	TargetHealthTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@BeforeEach
	void release() {
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		this.migrations.file("V3__c.sql", "CREATE TABLE c (id int)");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whatIsAboveATargetIsPendingAndNoReasonToBeDown(boolean onlyRecorded) {
		Replica replica = replica().with("spring.flyway.target", "2")
			.with("spring.flyway.skip-executing-migrations", onlyRecorded);
		for (int start = 1; start <= 2; start++) {
			try (ConfigurableApplicationContext context = replica.start()) {
				assertHealth(context, Status.UP, "AT_HEAD", 1,
						"version 3 (c) is not applied, because it is above the target 2");
			}
		}
		assertThat(this.database.history()).containsExactly("1", "2");
		replica.plain().start().close();
		assertThat(this.database.history()).as("as Flyway alone").containsExactly("1", "2");
	}

	@ParameterizedTest
	@ValueSource(strings = { "report", "wait", "fail" })
	void aProcessThatSkipsMigrationsWithTheSameTargetIsUp(String onSchemaBehind) {
		Replica replica = replica().with("spring.flyway.target", "2");
		replica.startAndStop();
		try (ConfigurableApplicationContext context = replica.with("headlock.skip-migrations", true)
			.with("headlock.on-schema-behind", onSchemaBehind)
			.start()) {
			assertHealth(context, Status.UP, "AT_HEAD", 1,
					"version 3 (c) is not applied, because it is above the target 2");
		}
	}

	@Test
	void withoutTheTargetItIsBehind() {
		replica().with("spring.flyway.target", "2").startAndStop();
		Replica skipping = replica().with("headlock.skip-migrations", true);
		try (ConfigurableApplicationContext context = skipping.start()) {
			assertHealth(context, Status.OUT_OF_SERVICE, "BEHIND", 1, "version 3 (c) is pending");
		}
		assertThat(catchThrowable(() -> skipping.with("headlock.on-schema-behind", "fail").start())).cause()
			.isInstanceOf(SchemaBehindException.class);
	}

	@Test
	void aLaterReleaseDoesNotMakeItAheadWhileItsOwnVersionLacks() {
		this.migrations.file("V4__later.sql", "CREATE TABLE later (id int)");
		replica().startAndStop();
		this.migrations.delete("V4__later.sql");
		this.migrations.file("V3.5__own.sql", "CREATE TABLE own (id int)");
		Replica replica = replica().with("spring.flyway.target", "3");
		try (ConfigurableApplicationContext context = replica.start()) {
			assertHealth(context, Status.UP, "AT_HEAD", 1,
					"version 3.5 (own) is not applied, because it is above the target 3");
		}
		replica.plain().start().close();
	}

	@Test
	void eachStartWithTheTargetNextAppliesOneAndIsUp() {
		Replica next = replica().with("spring.flyway.target", "next");
		try (ConfigurableApplicationContext context = next.start()) {
			assertHealth(context, Status.UP, "AT_HEAD", 2,
					"accepted after a successful run of Flyway: version 2 (b) is pending, and 1 more");
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '1'");
			assertHealth(context, Status.OUT_OF_SERVICE, "BEHIND", 3, null);
			this.database.execute("DROP TABLE a");
		}
		next.plain().start().close();
		assertThat(this.database.history()).as("as Flyway alone").containsExactly("1");
		next.with("headlock.enabled", true).startAndStop();
		try (ConfigurableApplicationContext context = next.start()) {
			assertThat(this.database.history()).containsExactly("1", "2", "3");
			assertHealth(context, Status.UP, "AT_HEAD", 0, null);
		}
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	private static void assertHealth(ConfigurableApplicationContext context, Status status, String state, int pending,
			String reason) {
		Health health = health(context);
		assertThat(health.getStatus()).as(health.toString()).isEqualTo(status);
		assertThat(health.getDetails()).containsEntry("state", state).containsEntry("pending", pending);
		if (reason != null || status.equals(Status.UP)) {
			assertThat(health.getDetails().get("reason")).isEqualTo(reason);
		}
	}

	/** Once something is seen: an answer that is late on a busy machine is none. */
	private static Health health(ConfigurableApplicationContext context) {
		return await().until(() -> context.getBean("schemaHealthIndicator", SchemaHealthIndicator.class).health(true),
				(health) -> !"UNKNOWN".equals(health.getDetails().get("state")));
	}

}
