package io.github.headlock.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.github.headlock.autoconfigure.HeadlockAutoConfiguration;
import io.github.headlock.testbed.PgBouncer;
import org.flywaydb.core.Flyway;
import org.flywaydb.database.postgresql.PostgreSQLDatabaseType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.Driver;

import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That a cell of the version matrix has the versions that it was asked for, and the
 * library as it was built. Only {@code bin/matrix} runs it, and writes into its table
 * what is found here.
 */
@Tag("matrix")
class VersionsTests {

	/** Stands for the version that Spring Boot brings. */
	private static final String ANY = "-";

	private final TestDatabase database = TestDatabase.create();

	@Test
	void theCellHasTheVersionsThatItWasAskedFor() throws Exception {
		Map<String, String> found = new TreeMap<>();
		found.put("boot", String.valueOf(SpringBootVersion.getVersion()));
		found.put("flyway", versionOf(Flyway.class, "flyway-core"));
		found.put("driver", versionOf(Driver.class, "postgresql"));
		found.put("postgresql", this.database.value("SHOW server_version"));
		found.put("java", String.valueOf(Runtime.version().feature()));
		found.put("pooling", poolMode());
		record(found);
		assertThat(found).allSatisfy((what, version) -> assertThat(asked(what)).isIn(ANY, version, version + ".0"));
		assertThat(List.of(asked("boot"), asked("postgresql"), asked("java"), asked("pooling"))).doesNotContain(ANY);
		assertThat(versionOf(FlywayAutoConfiguration.class, "spring-boot-flyway")).isEqualTo(found.get("boot"));
		assertThat(versionOf(PostgreSQLDatabaseType.class, "flyway-database-postgresql"))
			.isEqualTo(found.get("flyway"));
		assertThat(jarOf(HeadlockAutoConfiguration.class)).isEqualTo(Path.of("target", "classes").toAbsolutePath());
	}

	private static String asked(String what) {
		return System.getProperty("matrix." + what);
	}

	/** In lines that a shell reads. */
	private static void record(Map<String, String> found) throws IOException {
		Path file = Path.of("target", "matrix", asked("cell"), "versions");
		Files.createDirectories(file.getParent());
		Files.write(file, found.entrySet().stream().map(Object::toString).toList());
	}

	/** As the name of its jar says. */
	private static String versionOf(Class<?> type, String artifact) throws Exception {
		String jar = jarOf(type).getFileName().toString();
		assertThat(jar).startsWith(artifact + "-").endsWith(".jar");
		return jar.substring(artifact.length() + 1, jar.length() - ".jar".length());
	}

	private static Path jarOf(Class<?> type) throws Exception {
		return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
	}

	/**
	 * In transaction mode a client's server connection is free once its transaction has
	 * ended, and the next client gets it; in session mode it is its own.
	 */
	private String poolMode() throws SQLException {
		try (PgBouncer pooler = this.database.pooler(2)) {
			String url = pooler.url(this.database.name()) + "?prepareThreshold=0";
			try (Connection first = DriverManager.getConnection(url, "postgres", "");
					Connection second = DriverManager.getConnection(url, "postgres", "")) {
				return (processId(first) == processId(second)) ? "transaction" : "session";
			}
		}
	}

	private static int processId(Connection connection) throws SQLException {
		try (ResultSet row = connection.createStatement().executeQuery("SELECT pg_backend_pid()")) {
			row.next();
			return row.getInt(1);
		}
	}

}
