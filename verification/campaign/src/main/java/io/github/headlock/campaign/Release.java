package io.github.headlock.campaign;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The migrations of one release, in a folder. Their effects add up, so that one that runs
 * twice shows; each can be held at its beginning and at its end, see {@link Gates}.
 */
final class Release {

	private final MigrationFolder folder;

	private final List<String> effects = new ArrayList<>();

	private final boolean inJava;

	private Release(Path folder, boolean inJava) {
		this.folder = new MigrationFolder(folder);
		this.inJava = inJava;
	}

	static Release previous(Path folder) {
		Release release = new Release(folder, false);
		release.writeOld("R-previous");
		return release;
	}

	/** The new release; the attempt at it that fails, or the one that does not. */
	static Release next(Path folder, Scenario scenario, boolean fails) {
		Release release = new Release(folder, scenario.inJava());
		release.writeOld("R-next");
		for (int version = Scenario.PREVIOUS_HEAD + 1; version <= scenario.lastMigration(); version++) {
			String extra = (version % 2 == 0)
					? String.format(Locale.ROOT, "CREATE TABLE made_by_%d (id int);\n", version) : "";
			extra += (version == scenario.slow()) ? "SELECT pg_sleep(1);\n" : "";
			extra += (fails && version == scenario.failing()) ? "SELECT 1 / 0;\n" : "";
			boolean queues = scenario.queue() && version == scenario.queueing();
			release.transactional(version, queues ? "ALTER TABLE visit ADD COLUMN queued int;\n" : "", extra);
		}
		if (scenario.concurrently()) {
			release.concurrentIndex();
		}
		if (scenario.inJava()) {
			release.effects.add(String.valueOf(Scenario.IN_JAVA));
		}
		if (scenario.callback()) {
			release.folder.file("afterMigrate.sql", "UPDATE visit SET n = n + 1;\n");
		}
		return release;
	}

	/** A release after the new one, whose migration fails and leaves a failed row. */
	static Release later(Path folder, Scenario scenario) {
		Release release = next(folder, scenario, false);
		release.folder.file(String.format(Locale.ROOT, "V%d__later.sql", Scenario.LATER), "SELECT 1 / 0;\n");
		release.folder.file(String.format(Locale.ROOT, "V%d__later.sql.conf", Scenario.LATER),
				"executeInTransaction=false\n");
		return release;
	}

	private void writeOld(String repeatable) {
		this.folder.file("V1__tables.sql", Gates.pass(1, Step.INSIDE) + """
				CREATE TABLE effect (name text);
				CREATE TABLE counter (n int);
				CREATE TABLE visit (n int);
				INSERT INTO counter VALUES (0);
				INSERT INTO visit VALUES (0);
				""" + effect("1") + Gates.pass(1, Step.RECORDING));
		this.effects.add("1");
		transactional(Scenario.PREVIOUS_HEAD, "", "");
		this.folder.file("R__repeatable.sql", Gates.pass(Scenario.REPEATABLE, Step.INSIDE) + effect(repeatable)
				+ Gates.pass(Scenario.REPEATABLE, Step.RECORDING));
		this.effects.add(repeatable);
	}

	private void transactional(int version, String before, String extra) {
		this.folder.file(String.format(Locale.ROOT, "V%d__migration.sql", version),
				before + Gates.pass(version, Step.INSIDE) + effect(String.valueOf(version)) + extra
						+ Gates.pass(version, Step.RECORDING));
		this.effects.add(String.valueOf(version));
	}

	/**
	 * Written so that it may be run again after it was interrupted. An {@link Obstacle}
	 * holds it in its middle.
	 */
	private void concurrentIndex() {
		int version = Scenario.CONCURRENT_INDEX;
		this.folder.file(String.format(Locale.ROOT, "V%d__index.sql", version), """
				DROP INDEX CONCURRENTLY IF EXISTS effect_by_name;
				CREATE INDEX CONCURRENTLY effect_by_name ON effect (name);
				""" + Gates.pass(version, Step.RECORDING));
		this.folder.file(String.format(Locale.ROOT, "V%d__index.sql.conf", version), "executeInTransaction=false\n");
	}

	private static String effect(String name) {
		return String.format(Locale.ROOT, """
				INSERT INTO effect VALUES ('%s');
				UPDATE counter SET n = n + 1;
				""", name);
	}

	/** What Flyway calls the places of these migrations. */
	List<String> locations() {
		String files = this.folder.location();
		return this.inJava ? List.of(files, "classpath:io/github/headlock/campaign/javamigration") : List.of(files);
	}

	/** Names of the effects of these migrations. */
	List<String> effects() {
		return List.copyOf(this.effects);
	}

}
