package io.github.headlock.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The sample over three releases: 1.0 contains versions 1 to 3, 2.0 contains 1 to 6 and
 * is a required stop, 3.0 contains what is squashed up to 6, and version 7.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class UpgradePathIT {

	private static final Path MIGRATIONS = Path.of("src", "main", "resources", "db", "migration");

	/** What the sample declares needs version 6. */
	private static final String NO_BACKGROUND = "--headlock.background.locations=classpath:none";

	private final PackagedSample sample;

	private final Path folder;

	UpgradePathIT(@TempDir Path folder) {
		this.folder = folder;
		this.sample = new PackagedSample(folder);
	}

	@Test
	void aSkippedReleaseIsRefusedAndTheOrderlyWayWorks() throws Exception {
		try (PostgresServer server = PostgresServer.start(Map.of())) {
			server.createDatabase("customer");
			server.createDatabase("fresh");
			String url = server.url("customer");
			String first = release("1.0", 3);
			String second = release("2.0", 6);
			String third = thirdRelease();
			String[] path = { "--headlock.minimum-schema-version=6", "--headlock.required-stops[0].schema-version=6",
					"--headlock.required-stops[0].release=2.0",
					"--headlock.required-stops[0].reason=it computes the time of delivery" };

			assertThat(this.sample.startAndStop(on(url, first, NO_BACKGROUND)))
				.contains("at version 3 (migrated 3 migrations");
			assertThat(this.sample.fail(11, on(url, third, path))).contains("APPLICATION FAILED TO START",
					"This release must not upgrade schema \"public\" from version 3 to version 7:",
					"Release 2.0, with schema version 6, must be installed first: it computes the time of delivery",
					"Install release 2.0 (schema version 6), then this one.");
			assertThat(versions(server, "customer")).containsExactly("1", "2", "3");

			assertThat(this.sample.startAndStop(on(url, second))).contains("at version 6 (migrated 4 migrations");
			assertThat(this.sample.startAndStop(on(url, third, path))).contains("at version 7 (migrated 1 migration");
			assertThat(versions(server, "customer")).containsExactly("1", "2", "3", "4", "5", "6", "7");

			assertThat(this.sample.startAndStop(on(server.url("fresh"), third, path))).contains("at version 7");
			assertThat(versions(server, "fresh")).containsExactly("6", "7");
		}
	}

	private static String[] on(String url, String location, String... more) {
		return Stream
			.concat(Stream.of("--server.port=0", "--spring.datasource.url=" + url,
					"--spring.datasource.username=postgres", "--spring.flyway.locations=filesystem:" + location),
					Stream.of(more))
			.toArray(String[]::new);
	}

	/** The sample's own migrations up to a version. */
	private String release(String name, int head) throws IOException {
		Path release = Files.createDirectory(this.folder.resolve(name));
		for (Path migration : migrations()) {
			String file = migration.getFileName().toString();
			// the view shows a column that version 6 adds
			int needs = file.startsWith("R") ? 6 : Integer.parseInt(file.substring(1, file.indexOf("__")));
			if (needs <= head) {
				Files.copy(migration, release.resolve(file));
			}
		}
		return release.toString();
	}

	private String thirdRelease() throws IOException {
		Path release = Files.createDirectory(this.folder.resolve("3.0"));
		StringBuilder squashed = new StringBuilder();
		for (Path migration : migrations()) {
			String file = migration.getFileName().toString();
			if (file.startsWith("R")) {
				Files.copy(migration, release.resolve(file));
			}
			else {
				// within the one transaction of the squashed script
				squashed.append(Files.readString(migration).replace("CONCURRENTLY", "")).append("\n");
			}
		}
		Files.writeString(release.resolve("B6__squashed.sql"), squashed);
		Files.writeString(release.resolve("V7__add_depot_manager.sql"), "ALTER TABLE depot ADD COLUMN manager text");
		return release.toString();
	}

	private static List<Path> migrations() throws IOException {
		try (Stream<Path> files = Files.list(MIGRATIONS)) {
			return files.sorted().toList();
		}
	}

	private static List<String> versions(PostgresServer server, String database) throws Exception {
		List<String> versions = new ArrayList<>();
		try (Connection connection = server.connect(database);
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("SELECT version FROM flyway_schema_history "
						+ "WHERE version IS NOT NULL AND success ORDER BY installed_rank")) {
			while (row.next()) {
				versions.add(row.getString(1));
			}
		}
		return versions;
	}

}
