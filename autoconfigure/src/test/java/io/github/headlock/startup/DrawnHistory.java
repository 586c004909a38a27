package io.github.headlock.startup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Consumer;

import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * A history drawn from a seed: a release that Flyway has applied, or a part of it, and
 * what has happened to its files, its history and its settings since.
 */
final class DrawnHistory {

	private final Random random;

	private final TestDatabase database;

	private final Path root;

	private final Path folder;

	private final boolean onClasspath;

	private final TreeSet<String> files = new TreeSet<>();

	private final StringBuilder story = new StringBuilder();

	private Consumer<FluentConfiguration> settings = (configuration) -> {
	};

	private DrawnHistory(long seed, TestDatabase database, Path root) {
		this.random = new Random(seed * 0x9E3779B97F4A7C15L);
		this.database = database;
		this.root = root;
		this.folder = root.resolve("oracle/history");
		this.onClasspath = this.random.nextInt(3) > 0;
	}

	static DrawnHistory draw(long seed, TestDatabase database, Path root) {
		DrawnHistory history = new DrawnHistory(seed, database, root);
		history.drawRelease();
		history.drawSettings();
		for (int changes = history.any(0, 1, 1, 1, 2, 2, 3); changes > 0; changes--) {
			history.change();
		}
		return history;
	}

	private void drawRelease() {
		try {
			Files.createDirectories(this.folder);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		int versions = 1 + this.random.nextInt(5);
		for (int version = 2; version < 2 + versions; version++) {
			write("V" + version + "__v.sql");
		}
		for (int repeatable = this.random.nextInt(3); repeatable > 0; repeatable--) {
			write("R__r" + repeatable + ".sql");
		}
		if (this.random.nextInt(8) == 0) {
			write("B" + (2 + this.random.nextInt(versions)) + "__b.sql");
		}
		if (this.random.nextInt(6) == 0) {
			tell("applied up to 3");
			migrate(configuration().target("3?"));
		}
		else if (this.random.nextInt(12) > 0) {
			tell("applied");
			migrate(configuration());
		}
	}

	private void drawSettings() {
		if (this.random.nextInt(4) == 0) {
			set("out of order", (target) -> target.outOfOrder(true));
		}
		if (this.random.nextInt(3) == 0) {
			String pattern = any("*:missing", "*:ignored", "*:pending", "*:future", "versioned:*", "repeatable:*",
					"*:*", "versioned:missing", "repeatable:missing");
			set("ignored " + pattern, (target) -> target.ignoreMigrationPatterns(pattern));
		}
		if (this.random.nextInt(6) == 0) {
			set("not validated", (target) -> target.validateOnMigrate(false));
		}
		if (this.random.nextInt(8) == 0) {
			String version = any("2", "3?", "4?", "current", "latest", "next");
			set("target " + version, (target) -> target.target(version));
		}
		if (this.random.nextInt(10) == 0) {
			set("baselined", (target) -> target.baselineOnMigrate(true).baselineVersion("3"));
		}
		if (this.random.nextInt(12) == 0) {
			set("without placeholders", (target) -> target.placeholderReplacement(false));
		}
	}

	private void change() {
		switch (this.random.nextInt(15)) {
			case 0, 1 -> write(file());
			case 2, 3 -> delete(file());
			case 4 -> write(any("V1__low.sql", "V2.5__between.sql", "V3.1__between.sql"));
			case 5 -> write("V" + (7 + this.random.nextInt(2)) + "__new.sql");
			case 6 -> write(any("R__new.sql", "R__r1.sql", "R__r2.sql"));
			case 7 -> write(any("B3__b.sql", "B9__b.sql"));
			case 8 -> update("UPDATE flyway_schema_history SET success = false WHERE installed_rank = " + rank());
			case 9 -> update("DELETE FROM flyway_schema_history WHERE installed_rank = " + rank());
			case 10 -> repair();
			case 11 -> update("INSERT INTO flyway_schema_history SELECT 50 + installed_rank, version, description, "
					+ any("'DELETE'", "'UNDO_SCRIPT'", "type", "'BASELINE'")
					+ ", script, checksum, installed_by, installed_on, execution_time, success "
					+ "FROM flyway_schema_history WHERE installed_rank = " + rank() + " ON CONFLICT DO NOTHING");
			case 12 -> update("UPDATE flyway_schema_history SET type = '"
					+ any("JDBC", "SCRIPT", "SQL_BASELINE", "PYTHON") + "' WHERE installed_rank = " + rank());
			case 13 -> update("UPDATE flyway_schema_history SET checksum = " + any("NULL", "checksum + 1")
					+ " WHERE installed_rank = " + rank());
			default -> update("UPDATE flyway_schema_history SET " + any("description = 'other'", "version = '2'")
					+ " WHERE installed_rank = " + rank());
		}
	}

	FluentConfiguration configuration() {
		FluentConfiguration configuration = this.onClasspath
				? Flyway.configure(new URLClassLoader(new URL[] { url() }, getClass().getClassLoader()))
					.locations("classpath:oracle/history")
				: Flyway.configure().locations("filesystem:" + this.folder);
		configuration.dataSource(this.database.url(), "postgres", "");
		this.settings.accept(configuration);
		return configuration;
	}

	private URL url() {
		try {
			return this.root.toUri().toURL();
		}
		catch (MalformedURLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void write(String file) {
		tell("write " + file);
		this.files.add(file);
		try {
			Files.writeString(this.folder.resolve(file), "SELECT " + this.random.nextInt(1000) + ";\n");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void delete(String file) {
		tell("delete " + file);
		this.files.remove(file);
		try {
			Files.deleteIfExists(this.folder.resolve(file));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private String file() {
		return this.files.isEmpty() ? "V2__v.sql" : List.copyOf(this.files).get(this.random.nextInt(this.files.size()));
	}

	private int rank() {
		return 1 + this.random.nextInt(4);
	}

	private void set(String name, Consumer<FluentConfiguration> setting) {
		tell(name);
		this.settings = this.settings.andThen(setting);
	}

	/** Nothing if there is no history, or if it forbids the change. */
	private void update(String sql) {
		tell(sql);
		this.database.execute("DO $$ BEGIN " + sql + "; EXCEPTION WHEN undefined_table THEN NULL; END $$");
	}

	private void repair() {
		tell("repair");
		try {
			configuration().load().repair();
		}
		catch (FlywayException ex) {
			tell("refused");
		}
	}

	private void migrate(FluentConfiguration configuration) {
		configuration.load().migrate();
	}

	/** The rows of the history, in order, empty if there is none. */
	List<String> rows() {
		return this.database.value("SELECT to_regclass('flyway_schema_history')") == null ? List.of()
				: this.database
					.list("SELECT concat_ws(' ', coalesce('V' || version, 'R'), description, type, checksum, success) "
							+ "FROM flyway_schema_history ORDER BY installed_rank");
	}

	private void tell(String event) {
		this.story.append(event).append("; ");
	}

	@SafeVarargs
	private <T> T any(T... values) {
		return values[this.random.nextInt(values.length)];
	}

	@Override
	public String toString() {
		return (this.onClasspath ? "class path: " : "disk: ") + this.story + "files " + this.files;
	}

}
