package io.github.headlock.background;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import io.github.headlock.upgrade.UpgradeRefusedException;
import io.github.headlock.upgrade.UpgradeRefusedException.Rule;

import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Releases of an application that fills a new column in the background, and then relies
 * on it: version 1 has the table, 2 the column, 3 enforces it.
 */
final class Releases {

	static final String BACKFILL = """
			-- headlock: table = customer
			-- headlock: since = 2
			-- headlock: where = full_name IS NULL
			UPDATE customer SET full_name = concat_ws(' ', first_name, last_name), times = times + 1 WHERE ${batch}
			""";

	static final String ENFORCE = """
			-- headlock: requires background backfill
			ALTER TABLE customer ALTER COLUMN full_name SET NOT NULL;
			""";

	final TestMigrations migrations;

	final TestMigrations background;

	private final TestDatabase database;

	private final String url;

	Releases(TestDatabase database, Path folder) throws Exception {
		this(database, database.url(), folder);
	}

	Releases(TestDatabase database, String url, Path folder) throws Exception {
		this.database = database;
		this.url = url;
		this.migrations = new TestMigrations(Files.createDirectory(folder.resolve("migration")));
		this.background = new TestMigrations(Files.createDirectory(folder.resolve("background")));
		this.migrations.file("V1__customer.sql", """
				CREATE TABLE customer (id bigint PRIMARY KEY, first_name text, last_name text,
				times int NOT NULL DEFAULT 0);
				""");
	}

	/** Adds the column, and declares how it is filled. */
	Releases second() {
		this.migrations.file("V2__full_name.sql", "ALTER TABLE customer ADD COLUMN full_name text;");
		this.background.file("backfill.sql", BACKFILL);
		return this;
	}

	/** Enforces the column. */
	Releases third() {
		second();
		this.migrations.file("V3__enforce.sql", ENFORCE);
		return this;
	}

	Replica replica() {
		return Replica.of(this.url, "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("headlock.background.locations", this.background.location())
			.with("headlock.background.load", 1);
	}

	/** A replica that does not work in the background. */
	Replica idle() {
		return replica().with("headlock.background.run", "never");
	}

	/** Adds rows, as a release does that does not know the column. */
	void insert(int from, int to) {
		this.database.execute(
				"INSERT INTO customer (id, first_name, last_name) SELECT i, 'first', 'last' FROM generate_series(%d, %d) i"
					.formatted(from, to));
	}

	List<String> versions() {
		return this.database.list("SELECT version FROM flyway_schema_history WHERE success ORDER BY installed_rank");
	}

	String state() {
		return this.database.value("SELECT state FROM flyway_schema_history_background");
	}

	long count(String condition) {
		return Long.parseLong(this.database.value("SELECT count(*) FROM customer WHERE " + condition));
	}

	/** Why a start is refused because of a background migration. */
	static UpgradeRefusedException refusal(Replica replica) {
		Throwable failure = NestedExceptionUtils.getMostSpecificCause(catchThrowable(replica::startAndStop));
		assertThat(failure).isInstanceOf(UpgradeRefusedException.class);
		UpgradeRefusedException refusal = (UpgradeRefusedException) failure;
		assertThat(refusal.getExitCode()).isEqualTo(11);
		assertThat(refusal.getViolations()).allMatch((violation) -> violation.rule() == Rule.BACKGROUND);
		return refusal;
	}

}
