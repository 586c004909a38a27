package io.github.headlock.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Objects;

import com.sun.management.OperatingSystemMXBean;
import io.github.headlock.testbed.PostgresServer;
import org.flywaydb.core.Flyway;
import org.postgresql.util.DriverInfo;

import org.springframework.boot.SpringBootVersion;

/**
 * Says what it was measured on.
 */
final class Machine {

	private Machine() {
	}

	/** One sentence. */
	static String description(PostgresServer server) throws IOException, SQLException {
		OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
		return String.format(Locale.ROOT,
				"%s; %d cores (%s), %d GiB, %s; JDK %s, Spring Boot %s, Flyway %s, PostgreSQL %s, driver %s.",
				LocalDate.now(ZoneOffset.UTC), Runtime.getRuntime().availableProcessors(), processor(),
				system.getTotalMemorySize() >> 30, system.getName(), Runtime.version(), SpringBootVersion.getVersion(),
				flyway(), postgreSql(server), DriverInfo.DRIVER_VERSION);
	}

	private static String processor() throws IOException {
		Path file = Path.of("/proc/cpuinfo");
		if (Files.isReadable(file)) {
			return Files.readAllLines(file)
				.stream()
				.filter((line) -> line.startsWith("model name"))
				.map((line) -> line.substring(line.indexOf(':') + 1).strip())
				.findFirst()
				.orElseGet(Machine::architecture);
		}
		return architecture();
	}

	private static String architecture() {
		return System.getProperty("os.arch");
	}

	/** From Flyway's own record, from which it prints its version. */
	private static String flyway() throws IOException {
		try (InputStream record = Flyway.class.getResourceAsStream("internal/version.txt")) {
			return new String(Objects.requireNonNull(record).readAllBytes(), StandardCharsets.UTF_8).strip();
		}
	}

	private static String postgreSql(PostgresServer server) throws SQLException {
		try (Connection connection = server.connect("postgres")) {
			return connection.getMetaData().getDatabaseProductVersion();
		}
	}

}
