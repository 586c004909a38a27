package io.github.headlock.consumer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the profile {@code release} installs.
 */
class ReleaseTests {

	private static final String VERSION = System.getProperty("consumer.version");

	private static final List<String> JARS = List.of("headlock-spring-boot", "headlock-spring-boot-starter",
			"headlock-spring-boot-test");

	private static final String BOM = """
			<dependencyManagement>
				<dependencies>
					<dependency>
						<groupId>io.github.headlock</groupId>
						<artifactId>headlock-spring-boot-bom</artifactId>
						<version>%s</version>
						<type>pom</type>
						<scope>import</scope>
					</dependency>
				</dependencies>
			</dependencyManagement>
			""".formatted(VERSION);

	private static final String STARTER = """
			<dependency>
				<groupId>io.github.headlock</groupId>
				<artifactId>headlock-spring-boot-starter</artifactId>
			</dependency>
			""";

	private final Installation release = Installation.ofRelease();

	@Test
	void onlyWhatIsForUsersIsInstalled() throws IOException {
		try (Stream<Path> artifacts = Files.list(this.release.artifacts())) {
			assertThat(artifacts.filter(Files::isDirectory).map((artifact) -> artifact.getFileName().toString()))
				.containsExactlyInAnyOrder("headlock-spring-boot", "headlock-spring-boot-bom",
						"headlock-spring-boot-starter", "headlock-spring-boot-test");
		}
	}

	@Test
	void anApplicationWithNothingButTheStarterOfTheBomStartsWithHeadlock() {
		try (ShopDatabase database = new ShopDatabase()) {
			assertThat(Application.with(BOM, STARTER).startedFrom(this.release, "consumer", database))
				.contains("Database ready: schema \"public\" at version 1 (migrated 1 migration, ");
			assertThat(database.migrations()).isOne();
		}
	}

	@Test
	void eachJarHasSourcesJavadocAndPartsBesideIt() {
		assertThat(JARS).allSatisfy((artifact) -> {
			assertThat(file(artifact, "-sources.jar")).isNotEmptyFile();
			assertThat(file(artifact, "-javadoc.jar")).isNotEmptyFile();
			assertThat(file(artifact, "-cyclonedx.json")).content().contains("\"bomFormat\" : \"CycloneDX\"");
			assertThat(file(artifact, "-cyclonedx.xml")).content()
				.contains("pkg:maven/org.flywaydb/flyway-core@")
				.doesNotContain("junit", "zonky");
		});
	}

	@Test
	void pomsNeedNoParentAndKnowNoTests() {
		assertThat(JARS).allSatisfy((artifact) -> assertThat(file(artifact, ".pom")).content()
			.doesNotContain("<parent>", "<scope>test</scope>", "testbed", "zonky", "<profile>", "<build>", "${")
			.contains("<description>", "<license>", "<developer>", "<url>https://github.com/headlock/headlock</url>",
					"<connection>scm:git:https://github.com/headlock/headlock.git</connection>"));
		assertThat(file("headlock-spring-boot-bom", ".pom")).content()
			.doesNotContain("<parent>", "org.springframework")
			.contains("<description>", "<license>", "<developer>", "<url>https://github.com/headlock/headlock</url>",
					"<connection>scm:git:https://github.com/headlock/headlock.git</connection>");
	}

	@ParameterizedTest
	@CsvSource({ "headlock-spring-boot, io.github.headlock", "headlock-spring-boot-starter, io.github.headlock.starter",
			"headlock-spring-boot-test, io.github.headlock.check" })
	void jarsNameTheirModule(String artifact, String module) throws IOException {
		for (Installation installation : List.of(this.release, Installation.fromClone())) {
			try (JarFile jar = new JarFile(file(installation, artifact, ".jar").toFile())) {
				assertThat(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name")).isEqualTo(module);
			}
		}
	}

	@Test
	void nothingTellsWhenItWasBuilt() {
		assertThat(JARS).allSatisfy((artifact) -> {
			for (String suffix : List.of(".jar", "-sources.jar", "-javadoc.jar")) {
				try (JarFile jar = new JarFile(file(artifact, suffix).toFile())) {
					assertThat(jar.stream().map(JarEntry::getTimeLocal)).isNotEmpty()
						.containsOnly(LocalDateTime.of(2026, 1, 1, 0, 0));
				}
			}
			assertThat(file(artifact, "-cyclonedx.json")).content().doesNotContain("\"timestamp\"");
		});
	}

	private Path file(String artifact, String suffix) {
		return file(this.release, artifact, suffix);
	}

	private static Path file(Installation installation, String artifact, String suffix) {
		return installation.artifacts().resolve(artifact).resolve(VERSION).resolve(artifact + "-" + VERSION + suffix);
	}

}
