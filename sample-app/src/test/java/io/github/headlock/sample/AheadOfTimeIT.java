package io.github.headlock.sample;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The packaged application as the goal {@code process-aot} has prepared it: conditions
 * were decided when it was built, and it is started with other properties.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class AheadOfTimeIT {

	private static final PostgresServer SERVER = PostgresServer.start(Map.of());

	private final PackagedSample sample;

	private final PackagedSample plain;

	AheadOfTimeIT(@TempDir Path folder) {
		this.sample = new PackagedSample(folder, "-Dspring.aot.enabled=true");
		this.plain = new PackagedSample(folder);
	}

	@AfterAll
	static void stop() {
		SERVER.close();
	}

	@Test
	void theFirstStartMigratesAndOthersHaveTheHealthOfAnApplicationThatWasNotPrepared() throws Exception {
		SERVER.createDatabase("health");
		assertThat(this.sample.startAndStop(on("health"))).contains("Starting AOT-processed SampleApplication",
				"at version 6 (migrated 7 migrations");
		String second = this.sample.probe(on("health"));
		assertThat(second).startsWith("{\"components\":{\"db\":{").contains("\"outcome\":\"fast-path\"");
		assertThat(withoutTimes(second)).isEqualTo(withoutTimes(this.plain.probe(on("health"))));
	}

	@Test
	void aStartWithOtherPropertiesHonoursThem() throws Exception {
		SERVER.createDatabase("skipping");
		assertThat(this.sample.probe(on("skipping", "--headlock.skip-migrations=true")))
			.contains("\"outcome\":\"skipped\"")
			.endsWith("\"status\":\"OUT_OF_SERVICE\"}");
		assertThat(hasHistory("skipping")).isFalse();
		assertThat(this.sample.run(on("skipping", "--headlock.exit-after-migration=true")))
			.contains("migrated 7 migrations", "Exiting, because headlock.exit-after-migration is set")
			.doesNotContain("Tomcat started");
		assertThat(hasHistory("skipping")).isTrue();
		assertThat(this.sample.fail(1, on("skipping", "--headlock.lock.timout=1m")))
			.contains("Headlock has no such property: headlock.lock.timout");
	}

	@Test
	void springBootDecidesThePortOfTheManagementWhenItPrepares() throws Exception {
		SERVER.createDatabase("port");
		String[] arguments = on("port", "--management.server.port=0", "--headlock.skip-migrations=true");
		assertThat(this.sample.probe(arguments)).contains("\"schema\"");
		assertThat(this.plain.probe(arguments)).doesNotContain("\"schema\"");
	}

	private static String[] on(String database, String... more) {
		return Stream.concat(Stream.of("--server.port=0", "--spring.datasource.url=" + SERVER.url(database),
				"--spring.datasource.username=postgres"), Stream.of(more))
			.toArray(String[]::new);
	}

	private static String withoutTimes(String health) {
		return health.replaceAll("PT[0-9.]+S", "");
	}

	private static boolean hasHistory(String database) throws SQLException {
		try (Connection connection = SERVER.connect(database);
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("SELECT to_regclass('flyway_schema_history') IS NOT NULL")) {
			row.next();
			return row.getBoolean(1);
		}
	}

}
