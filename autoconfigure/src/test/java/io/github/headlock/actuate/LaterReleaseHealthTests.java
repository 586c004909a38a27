package io.github.headlock.actuate;

import java.nio.file.Path;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The health of a process that runs while a later release changes the schema.
 */
class LaterReleaseHealthTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	LaterReleaseHealthTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@BeforeEach
	void release() {
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.migrations.file("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 'old'::text AS release");
	}

	@Test
	void aRepeatableThatALaterReleaseChangesLeavesItUp() {
		try (ConfigurableApplicationContext context = replica().start()) {
			assertUp(context, "AT_HEAD", null);
			this.database.execute("UPDATE flyway_schema_history SET checksum = 1 WHERE version IS NULL");
			assertUp(context, "AT_HEAD",
					"changed since this process found it ready: repeatable migration \"view\" has changed");
			this.database.execute("DELETE FROM flyway_schema_history WHERE version IS NULL");
			assertUp(context, "AT_HEAD",
					"changed since this process found it ready: repeatable migration \"view\" is pending");
		}
	}

	@Test
	void aVersionThatFailsInALaterReleaseLeavesItUp() {
		try (ConfigurableApplicationContext context = replica().start()) {
			insert("2", "SQL", false);
			assertUp(context, "AHEAD", "the database has migrations of a later release; version 2 (later), which this "
					+ "release does not contain, failed");
			// a hotfix below this release's head, and one of its own repeatable
			// migrations
			insert("0.9", "SQL", false);
			this.database.execute("UPDATE flyway_schema_history SET success = false WHERE version IS NULL");
			assertUp(context, "AHEAD",
					"changed since this process found it ready: repeatable migration \"view\" failed");
		}
	}

	@Test
	void aLaterReleaseThatSquashesLeavesItUp() {
		try (ConfigurableApplicationContext context = replica().start()) {
			// as Flyway's repair marks files that are gone
			insert("1", "DELETE", true);
			assertUp(context, "AT_HEAD", "changed since this process found it ready: version 1 (a) is pending");
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '1'");
			insert("3", "SQL_BASELINE", true);
			assertUp(context, "AHEAD", "the database has migrations of a later release");
		}
	}

	@Test
	void aProcessThatStartedBehindStaysUpOnceItHasSeenTheSchemaReady() {
		Replica reporting = replica().with("headlock.skip-migrations", true);
		try (ConfigurableApplicationContext context = reporting.start()) {
			assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
			replica().startAndStop();
			assertUp(context, "AT_HEAD", null);
			this.database.execute("UPDATE flyway_schema_history SET checksum = 1 WHERE version IS NULL");
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
		}
		try (ConfigurableApplicationContext context = reporting.start()) {
			assertThat(health(context).getStatus()).as("never been ready").isEqualTo(Status.OUT_OF_SERVICE);
		}
	}

	@Test
	void aVersionThatIsGoneTakesItDown() {
		try (ConfigurableApplicationContext context = replica().start()) {
			insert("2", "SQL", true);
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '1'");
			assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
			insert("1", "SQL", false);
			assertThat(health(context).getStatus()).isEqualTo(Status.DOWN);
		}
	}

	@Test
	void whatFlywayPassesOverIsNoReasonToBeDownAndTheNextStartIsFast() {
		replica().startAndStop();
		this.migrations.file("V1__a.sql", "SELECT 'changed'");
		Replica ignoring = replica().with("spring.flyway.ignore-migration-patterns", "*:*");
		ignoring.plain().start().close();
		MigrationReport report = ignoring.with("headlock.enabled", true).startAndStop();
		assertThat(report.outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
	}

	@Test
	void whatASuccessfulRunOfFlywayLeavesIsAcceptedAndNothingElse() {
		// Flyway takes the cut description in the table for another migration's
		this.migrations.file("R__" + "long_".repeat(42) + ".sql", "SELECT 1");
		this.migrations.file("V2__b.sql", "SELECT 2");
		replica().startAndStop();
		this.database.execute("UPDATE flyway_schema_history SET type = 'SCRIPT' WHERE version = '1'");
		Replica unvalidated = replica().with("spring.flyway.validate-on-migrate", false);
		try (ConfigurableApplicationContext context = unvalidated.start()) {
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			assertThat(health(context).getDetails().get("reason")).asString()
				.startsWith("accepted after a successful run of Flyway: version 1 (a) is not the one that was applied");
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '2'");
			assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		}
	}

	private void insert(String version, String type, boolean success) {
		this.database.execute(("INSERT INTO flyway_schema_history SELECT max(installed_rank) + 1, '%s', 'later', '%s', "
				+ "'V%s__later.sql', 1, current_user, now(), 0, %s FROM flyway_schema_history")
			.formatted(version, type, version, success));
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	private static void assertUp(ConfigurableApplicationContext context, String state, String reason) {
		Health health = health(context);
		assertThat(health.getStatus()).as(health.toString()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("state", state);
		assertThat(health.getDetails().get("reason")).isEqualTo(reason);
	}

	/** Once something is seen: an answer that is late on a busy machine is none. */
	private static Health health(ConfigurableApplicationContext context) {
		return await().until(() -> context.getBean("schemaHealthIndicator", SchemaHealthIndicator.class).health(true),
				(health) -> !"UNKNOWN".equals(health.getDetails().get("state")));
	}

}
