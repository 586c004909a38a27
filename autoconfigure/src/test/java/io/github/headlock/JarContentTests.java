package io.github.headlock;

import java.net.URI;
import java.nio.file.Path;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What stands beside the classes in the jar.
 */
class JarContentTests {

	@ParameterizedTest
	@ValueSource(strings = { "LICENSE", "NOTICE" })
	void theLicenceComesWithTheClasses(String name) throws Exception {
		URI classes = MigrationReport.class.getProtectionDomain().getCodeSource().getLocation().toURI();
		assertThat(Path.of(classes).resolve("META-INF").resolve(name)).hasSameTextualContentAs(Path.of("..", name));
	}

}
