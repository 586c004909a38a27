package io.github.headlock.consumer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the README tells about getting Headlock.
 */
class ReadmeTests {

	private static final Page README = Page.read("README.md");

	private static final String VERSION = System.getProperty("consumer.version");

	/** Artifacts and their groups, that the starter brings along. */
	private static final Map<String, String> PLAIN = Map.of("spring-boot-starter-flyway", "org.springframework.boot",
			"spring-boot-starter-jdbc", "org.springframework.boot", "flyway-database-postgresql", "org.flywaydb",
			"postgresql", "org.postgresql");

	@Test
	void anApplicationWithNothingButTheDependencyStartsWithHeadlock() throws IOException {
		assertThat(README.in("shell")).contains(Installation.COMMAND + '\n');
		String dependency = README.in("xml").get(0);
		try (ShopDatabase database = new ShopDatabase()) {
			String log = Application.with("", dependency).startedFrom(Installation.fromClone(), "readme", database);
			assertThat(log).contains("Database ready: schema \"public\" at version 1 (migrated 1 migration, ");
			assertThat(database.migrations()).isOne();
		}
	}

	@Test
	void withoutTheDependencyFlywayGoesOnAndNothingIsLeftInTheDatabase() throws IOException {
		String gettingStarted = Files.readString(Page.PROJECT.resolve("docs/getting-started.md"));
		String goingBack = Files.readString(Page.PROJECT.resolve("docs/adding-headlock.md"));
		String plain = PLAIN.entrySet().stream().map((artifact) -> {
			assertThat(gettingStarted).contains(artifact.getKey() + '`');
			assertThat(goingBack).contains(artifact.getKey() + '`');
			return "<dependency><groupId>%s</groupId><artifactId>%s</artifactId></dependency>"
				.formatted(artifact.getValue(), artifact.getKey());
		}).collect(Collectors.joining());
		Installation installation = Installation.fromClone();
		try (ShopDatabase database = new ShopDatabase()) {
			Application.with("", README.in("xml").get(0)).startedFrom(installation, "before", database);
			assertThat(database.tables()).containsExactly("a", "flyway_schema_history");
			assertThat(Application.with("", plain).startedFrom(installation, "after", database))
				.contains("Schema \"public\" is up to date")
				.doesNotContain("Database ready", "headlock");
			assertThat(database.migrations()).isOne();
		}
	}

	@Test
	void gradleIsToldTheSameVersionAsMaven() {
		assertThat(README.in("xml").get(0)).contains("<version>" + VERSION + "</version>");
		assertThat(README.in("kotlin")).containsExactly(
				"implementation(\"io.github.headlock:headlock-spring-boot-starter:%s\")\n".formatted(VERSION));
	}

	@Test
	void thePageOnRequiredStopsNamesTheVersionOfTheBuildTimeCheck() throws IOException {
		String dependency = Page.read("docs/required-stops.md").in("xml").get(0);
		assertThat(dependency).contains("<version>" + VERSION + "</version>");
		String artifact = "<artifactId>headlock-spring-boot-test</artifactId>";
		assertThat(dependency).contains(artifact);
		assertThat(Files.readString(Page.PROJECT.resolve("bom/pom.xml"))).contains(artifact);
	}

	@Test
	void theProbeHasTheGroupAndTheWindowThatWaitsForTheLongestMigration() {
		assertThat(README.in("yaml")).contains("""
				# application.yaml
				management.endpoint.health.group.startup.include: schema, db
				""");
		String probe = README.in("yaml")
			.stream()
			.filter((block) -> block.contains("startupProbe:"))
			.findFirst()
			.orElseThrow();
		assertThat(probe).contains("path: /actuator/health/startup", "periodSeconds: 10\n", "failureThreshold: 180 ");
	}

	@Test
	void theTwoCommandsAreThere() {
		assertThat(README.in("shell")).contains("bin/demo\n", "bin/test\n");
		assertThat(README.in("shell")).filteredOn((command) -> command.startsWith("bin/"))
			.allSatisfy((command) -> assertThat(Page.PROJECT.resolve(command.strip())).isExecutable());
	}

	@Test
	void theBomHasTheVersionOfThisProject() throws IOException {
		String bom = Files.readString(Path.of("..", "..", "bom", "pom.xml"));
		assertThat(Pattern.compile("<artifactId>headlock-.+</artifactId>\n\\s+<version>(.+)</version>")
			.matcher(bom)
			.results()
			.map((match) -> match.group(1))).hasSize(4).containsOnly(VERSION);
	}

}
