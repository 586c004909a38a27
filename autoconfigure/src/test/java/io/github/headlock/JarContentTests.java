package io.github.headlock;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfiguration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What stands beside the classes in the jar.
 */
class JarContentTests {

	@ParameterizedTest
	@ValueSource(strings = { "LICENSE", "NOTICE" })
	void theLicenceComesWithTheClasses(String name) throws Exception {
		assertThat(metaInf(name)).hasSameTextualContentAs(Path.of("..", name));
	}

	@Test
	void theConditionsOfAutoConfigurationsAreKnownWithoutTheirClasses() throws Exception {
		assertThat(Files.readAllLines(metaInf("spring-autoconfigure-metadata.properties")))
			.containsAll(Files.readAllLines(metaInf("spring/" + AutoConfiguration.class.getName() + ".imports"))
				.stream()
				.map((name) -> name + "=")
				.toList());
	}

	private static Path metaInf(String name) throws Exception {
		URI classes = MigrationReport.class.getProtectionDomain().getCodeSource().getLocation().toURI();
		return Path.of(classes).resolve("META-INF").resolve(name);
	}

}
