package io.github.headlock.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.SpringApplicationAotProcessor;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.context.aot.AbstractAotProcessor.Settings;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose conditions were decided when it was built, by Spring Boot's own
 * processing ahead of time, and that is started with other properties.
 */
class AheadOfTimeTests {

	private final TestDatabase database = TestDatabase.create();

	@TempDir
	private static Path folder;

	@Test
	void whatWasBuiltWithoutHeadlockIsProtectedWhenItIsStartedWithIt() throws Exception {
		String output = run(build(false), replica());
		assertThat(output).contains("Database ready: ", "Turned on: true, managed: true, health: UP")
			.doesNotContain("not active", "WARN");
		assertThat(this.database.history()).containsExactly("1", "2", "3");
	}

	@Test
	void whatWasBuiltWithHeadlockIsPlainWhenItIsStartedWithoutIt() throws Exception {
		String output = run(build(true), replica().plain());
		assertThat(output)
			.contains("Headlock is not active: headlock.enabled=false",
					"Turned on: false, managed: false, health: UNKNOWN")
			.doesNotContain("Database ready", "WARN");
		assertThat(this.database.history()).containsExactly("1", "2", "3");
	}

	@Test
	void otherPropertiesAreDecidedAtTheStartAsWell() throws Exception {
		Path classes = build(true);
		String skipping = run(classes, replica().with("headlock.skip-migrations", true));
		assertThat(skipping).contains("Turned on: true, managed: true, health: OUT_OF_SERVICE");
		String nobody = run(classes, replica().with("headlock.skip-migrations", true).plain());
		assertThat(nobody).contains("No migration is applied in this process", "managed: false, health: UNKNOWN");
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).isEmpty();
		String job = run(classes, replica().with("headlock.exit-after-migration", true));
		assertThat(job).contains("Database ready: ", "Exiting, because headlock.exit-after-migration is set")
			.doesNotContain("Turned on");
		assertThat(this.database.history()).containsExactly("1", "2", "3");
	}

	@Test
	void aNativeImageKnowsTheFieldThatTellsWithWhatAnInitializerMigrates() throws Exception {
		assertThat(reflection(build(true))).hasSize(1).allSatisfy((type) -> {
			assertThat(type.path("fields").findValuesAsString("name")).containsExactly("migrationStrategy");
		});
	}

	/** What a native image is told of the class. */
	private static List<JsonNode> reflection(Path classes) throws IOException {
		Path metadata = Path.of("META-INF", "native-image", "com.example", "shop", "reachability-metadata.json");
		JsonNode types = new JsonMapper()
			.readTree(Files.readString(classes.resolveSibling("resources").resolve(metadata)))
			.path("reflection");
		return types.valueStream()
			.filter((type) -> type.path("type").asString("").equals(FlywayMigrationInitializer.class.getName()))
			.toList();
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "basic");
	}

	/** As the goal process-aot of Spring Boot's Maven plugin does, once for all tests. */
	private static Path build(boolean enabled) throws IOException {
		Path built = folder.resolve(enabled ? "enabled" : "disabled");
		if (!Files.exists(built)) {
			Path sources = built.resolve("sources");
			Path classes = classes(built);
			Settings settings = Settings.builder()
				.sourceOutput(sources)
				.resourceOutput(built.resolve("resources"))
				.classOutput(classes)
				.groupId("com.example")
				.artifactId("shop")
				.build();
			new SpringApplicationAotProcessor(AheadOfTimeApplication.class, settings,
					new String[] { "--headlock.enabled=" + enabled })
				.process();
			compile(sources, classes);
		}
		return classes(built);
	}

	private static Path classes(Path built) {
		return built.resolve("classes");
	}

	private static void compile(Path sources, Path classes) throws IOException {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		List<String> options = List.of("-cp", classPath, "-proc:none", "-nowarn", "-d", classes.toString());
		try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
				Stream<Path> found = Files.walk(sources)) {
			List<Path> java = found.filter((path) -> path.toString().endsWith(".java")).toList();
			assertThat(
					compiler.getTask(null, files, null, options, null, files.getJavaFileObjectsFromPaths(java)).call())
				.isTrue();
		}
	}

	private static String run(Path classes, Replica replica) throws Exception {
		try (ReplicaProcess process = ReplicaProcess.startAheadOfTime(AheadOfTimeApplication.class, classes, replica)) {
			assertThat(process.exitCode()).as(process::output).isZero();
			return process.output();
		}
	}

}
