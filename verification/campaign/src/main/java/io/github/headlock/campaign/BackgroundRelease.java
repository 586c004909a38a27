package io.github.headlock.campaign;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.github.headlock.campaign.replica.FullNames;
import io.github.headlock.campaign.replica.ReplicaBeans;

/**
 * A release around a background migration: its migrations and its declaration, in a
 * folder. Each row counts how often it came to need the migration, and how often the
 * migration has changed it.
 */
final class BackgroundRelease {

	static final String MIGRATION = FullNames.NAME;

	/** Table of the numbers of the rows that the migration fails for. */
	static final String BAD_ROWS = "bad_row";

	/** What the gated migration says if it was begun too early. */
	static final String TOO_EARLY = "GATE PASSED TOO EARLY";

	/** Version of the later release with another text. */
	static final String LATER = "2.5";

	/** Version of the gated migration. */
	static final String GATED = "3";

	private static final int PARTITIONS = 3;

	private static final String DECLARATION = """
			-- headlock: table = customer
			-- headlock: since = 2
			-- headlock: where = full_name IS NULL
			UPDATE customer SET full_name = concat_ws('%s', first_name, last_name), times = times + 1 WHERE ${batch}
			""";

	private static final String ADD_COLUMN = """
			ALTER TABLE customer ADD COLUMN full_name text;
			CREATE TRIGGER held_before BEFORE UPDATE OF times ON customer FOR EACH STATEMENT EXECUTE FUNCTION %s();
			CREATE TRIGGER held_after AFTER UPDATE OF times ON customer FOR EACH STATEMENT EXECUTE FUNCTION %s();
			""";

	private static final String FAIL_FOR_BAD_ROWS = """
			CREATE TABLE bad_row (n bigint PRIMARY KEY);
			CREATE FUNCTION fail_for_bad_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF EXISTS (SELECT FROM bad_row b WHERE b.n = NEW.n) THEN RAISE EXCEPTION 'the row % is bad', NEW.n; END IF;
			RETURN NEW; END $$;
			CREATE TRIGGER bad BEFORE UPDATE OF times ON customer FOR EACH ROW EXECUTE FUNCTION fail_for_bad_row();
			""";

	private static final String GATED_MIGRATION = """
			-- headlock: requires background %s
			DO $$ BEGIN
			IF EXISTS (SELECT FROM customer WHERE full_name IS NULL) THEN RAISE EXCEPTION '%s'; END IF;
			END $$;
			ALTER TABLE customer ALTER COLUMN full_name SET NOT NULL;
			""";

	private final MigrationFolder migrations;

	private final MigrationFolder declarations;

	private final List<String> more = new ArrayList<>();

	private BackgroundRelease(Path folder) {
		this.migrations = new MigrationFolder(folder.resolve("sql"));
		this.declarations = new MigrationFolder(folder.resolve("background"));
	}

	/** The release before the migration. */
	static BackgroundRelease first(Path folder, BackgroundScenario scenario, RoundDatabase database) {
		BackgroundRelease release = new BackgroundRelease(folder);
		release.migrations.file("V1__customer.sql", table(scenario) + String.format(Locale.ROOT, """
				CREATE INDEX ON customer (n);
				CREATE TABLE customer_gone (needed int NOT NULL, times int NOT NULL, old_form boolean NOT NULL);
				GRANT SELECT, INSERT, UPDATE, DELETE ON customer, customer_gone TO %s;
				""", database.application()));
		return release;
	}

	private static String table(BackgroundScenario scenario) {
		StringBuilder sql = new StringBuilder(String.format(Locale.ROOT, """
				CREATE TABLE customer (id %s PRIMARY KEY, n bigint NOT NULL, first_name text, last_name text, \
				visits int NOT NULL DEFAULT 0, needed int NOT NULL DEFAULT 1, times int NOT NULL DEFAULT 0)%s;
				""", scenario.uuid() ? "uuid" : "bigint", scenario.partitioned() ? " PARTITION BY HASH (id)" : ""));
		for (int i = 0; scenario.partitioned() && i < PARTITIONS; i++) {
			sql.append(String.format(Locale.ROOT,
					"CREATE TABLE customer_%d PARTITION OF customer FOR VALUES WITH (MODULUS %d, REMAINDER %d);%n", i,
					PARTITIONS, i));
		}
		return sql.toString();
	}

	/** The release with the migration. */
	static BackgroundRelease second(Path folder, BackgroundPlan plan, RoundDatabase database) {
		BackgroundRelease release = withColumn(folder, plan, database);
		release.declare(" ", plan.extras().java());
		return release;
	}

	/** One with another text of it. */
	static BackgroundRelease later(Path folder, BackgroundPlan plan, RoundDatabase database) {
		BackgroundRelease release = withColumn(folder, plan, database);
		release.migrations.file("V2_5__later.sql", "ALTER TABLE customer ADD COLUMN later int;\n");
		release.declare("-", plan.extras().laterJava());
		return release;
	}

	private static BackgroundRelease withColumn(Path folder, BackgroundPlan plan, RoundDatabase database) {
		BackgroundRelease release = first(folder, plan.scenario(), database);
		boolean fails = plan.extras().has(BackgroundDisturbanceKind.RETRIED);
		release.migrations.file("V2__full_name.sql", String.format(Locale.ROOT, ADD_COLUMN,
				BackgroundStep.TAKEN.function(), BackgroundStep.CHANGED.function()) + (fails ? FAIL_FOR_BAD_ROWS : ""));
		return release;
	}

	/** Adds the migration that requires it. */
	BackgroundRelease gated() {
		this.migrations.file("V3__full_name_not_null.sql",
				String.format(Locale.ROOT, GATED_MIGRATION, MIGRATION, TOO_EARLY));
		return this;
	}

	private void declare(String separator, boolean java) {
		if (java) {
			this.more.add("--" + ReplicaBeans.SEPARATOR + "=" + separator);
		}
		else {
			this.declarations.file(MIGRATION + ".sql", String.format(Locale.ROOT, DECLARATION, separator));
		}
	}

	/** What Flyway calls the place of its migrations. */
	String location() {
		return this.migrations.location();
	}

	/** Arguments of its replicas. */
	List<String> arguments() {
		List<String> arguments = new ArrayList<>(this.more);
		arguments.add("--spring.flyway.locations=" + location());
		arguments.add("--headlock.background.locations=" + this.declarations.location());
		return arguments;
	}

}
