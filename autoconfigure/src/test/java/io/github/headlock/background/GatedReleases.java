package io.github.headlock.background;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.headlock.MigrationListener;
import io.github.headlock.MigrationReport;
import io.github.headlock.roles.BlockMode;
import io.github.headlock.roles.SessionSettings;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.startup.MigrationListeners;
import io.github.headlock.startup.MigrationSettings;
import io.github.headlock.startup.NamedBeans;
import io.github.headlock.testbed.TestMigrations;
import io.github.headlock.upgrade.UpgradePath;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Releases with the versions 1 to 5, of which 2 adds a column, and 3 and 5 require the
 * background migration that fills it. Each fails if there is a row without it.
 */
final class GatedReleases {

	static final int HEAD = 5;

	static final List<Integer> GATED = List.of(3, 5);

	private static final String GATE = """
			-- headlock: requires background backfill
			DO $$ BEGIN IF EXISTS (SELECT FROM customer WHERE full_name IS NULL) THEN
			RAISE EXCEPTION 'rows in old form' USING ERRCODE = 'not_null_violation'; END IF; END $$;
			""";

	private static final List<String> FILES = List.of("V1__customer.sql", "V2__full_name.sql", "V3__enforce.sql",
			"V4__other.sql", "V5__enforce_again.sql");

	private final String url;

	private final Path folder;

	GatedReleases(String url, Path folder) {
		this.url = url;
		this.folder = folder;
		List<String> contents = List.of("""
				CREATE TABLE customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				first_name text, last_name text, times int NOT NULL DEFAULT 0);
				""", "ALTER TABLE customer ADD COLUMN full_name text;", GATE, "SELECT 4", GATE);
		for (int head = 1; head <= HEAD; head++) {
			TestMigrations migrations = migrations("release-" + head);
			for (int version = 1; version <= head; version++) {
				migrations.file(FILES.get(version - 1), contents.get(version - 1));
			}
		}
		migrations(Text.NONE.name());
		migrations(Text.ONE.name()).file("backfill.sql", Releases.BACKFILL);
		migrations(Text.OTHER.name()).file("backfill.sql",
				Releases.BACKFILL.replace("concat_ws(' ', ", "concat_ws('_', "));
	}

	private TestMigrations migrations(String name) {
		try {
			return new TestMigrations(Files.createDirectory(this.folder.resolve(name)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Starts one, as Spring Boot does it, without the rest of an application. */
	MigrationReport start(Release release, Duration finalizeWithin, boolean skip, boolean group) {
		return start(new DriverManagerDataSource(this.url, "postgres", ""), release, finalizeWithin, skip, group);
	}

	/** Starts one that takes its connections from somewhere. */
	MigrationReport start(DataSource dataSource, Release release, Duration finalizeWithin, boolean skip,
			boolean group) {
		return started(dataSource, release, finalizeWithin, skip, group).managed().orElseThrow().report();
	}

	/** What knows of one that was started. */
	HeadlockMigrationStrategy started(DataSource dataSource, Release release, Duration finalizeWithin, boolean skip,
			boolean group) {
		return started(dataSource, declarations(release.text(), finalizeWithin, skip ? "backfill" : null), release,
				CompletionSettings.LATER, group);
	}

	/** Starts one that finishes its background migrations before it goes on. */
	MigrationReport finish(Release release, @Nullable Duration timeout) {
		return finish(new DriverManagerDataSource(this.url, "postgres", ""), release, timeout);
	}

	/** As above, with connections from somewhere. */
	MigrationReport finish(DataSource dataSource, Release release, @Nullable Duration timeout) {
		return started(dataSource, declarations(release.text(), Duration.ZERO, null), release,
				new CompletionSettings(true, timeout, false, false), false)
			.managed()
			.orElseThrow()
			.report();
	}

	private HeadlockMigrationStrategy started(DataSource dataSource, BackgroundMigrations declarations, Release release,
			CompletionSettings completion, boolean group) {
		HeadlockMigrationStrategy strategy = new HeadlockMigrationStrategy(
				new MigrationSettings(true, false, Duration.ofSeconds(10), Duration.ofMillis(100),
						new UpgradePath(null, List.of(), null), null, null,
						new SessionSettings(List.of(), false, Duration.ZERO, BlockMode.values()[0], () -> null),
						declarations, completion),
				new MigrationListeners(new NamedBeans<>(new DefaultListableBeanFactory(), MigrationListener.class)),
				() -> Supplier::get, () -> null);
		strategy.migrate(Flyway.configure()
			.dataSource(dataSource)
			.locations("filesystem:" + this.folder.resolve("release-" + release.head()))
			.group(group)
			.load());
		return strategy;
	}

	/** What a release declares. */
	BackgroundMigrations declarations(Text text, Duration finalizeWithin, @Nullable String skip) {
		return BackgroundMigrations.load(List.of("filesystem:" + this.folder.resolve(text.name())),
				new PathMatchingResourcePatternResolver(), Map.of(),
				new BackgroundSettings(BackgroundRun.NEVER, 1, Duration.ofMillis(250), Duration.ofSeconds(30), 1,
						finalizeWithin, skip, Duration.ZERO, ThrottleSettings.NONE));
	}

	/**
	 * A release.
	 *
	 * @param head its highest version
	 * @param text what it declares
	 */
	record Release(int head, Text text) {
	}

	/** Texts of the declaration. */
	enum Text {

		NONE, ONE, OTHER

	}

}
