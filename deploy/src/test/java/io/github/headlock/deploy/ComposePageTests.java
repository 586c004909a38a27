package io.github.headlock.deploy;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The commands of the page on Docker Compose. What Compose is told is written down in its
 * place, and compared with the file.
 */
class ComposePageTests {

	private final DocumentationPage page = DocumentationPage.read("compose.md");

	private final List<String> commands = this.page.blocks("shell");

	@TempDir
	private Path clone;

	private Path folder;

	@BeforeEach
	void copyFiles() throws Exception {
		this.folder = this.clone.resolve("deploy/compose");
		FileSystemUtils.copyRecursively(Path.of("compose"), this.folder);
	}

	@Test
	void theExampleIsCopiedAndAPortOfAReplicaIsAskedFor() throws Exception {
		assertThat(this.commands).hasSize(2);
		assertThat(run(this.clone, this.commands.get(0))).containsExactly(" up --detach",
				" port --index 1 parcels 8080");
		assertThat(this.folder.resolve(".env")).hasSameTextualContentAs(Path.of("compose/.env.example"));
		Map<String, Object> replicas = ComposeFile.with(variables(Map.of())).service("parcels");
		assertThat(String.valueOf(replicas.get("ports"))).endsWith(":8080]");
		assertThat(String.valueOf(replicas.get("deploy"))).isEqualTo("{replicas=3}");
	}

	@Test
	void aNewReleaseIsTheImageOfWhoMigratesAndOfTheReplicas() throws Exception {
		Files.copy(this.folder.resolve(".env.example"), this.folder.resolve(".env"));
		assertThat(run(this.folder, this.commands.get(1))).containsExactly("parcels:1.4.2 up --detach");
		ComposeFile file = ComposeFile.with(variables(Map.of("PARCELS_IMAGE", "parcels:1.4.2")));
		assertThat(List.of("migrate", "parcels"))
			.allSatisfy((service) -> assertThat(file.service(service)).containsEntry("image", "parcels:1.4.2"));
	}

	@Test
	void theImageThatIsBuiltIsTheOneOfTheExample() throws Exception {
		String name = this.page.text().replaceFirst("(?s).*-Dspring-boot.build-image.imageName=(\\w+)`.*", "$1");
		assertThat(variables(Map.of())).containsEntry("PARCELS_IMAGE", name + ":latest");
		assertThat(this.page.text()).contains("-pl sample-app ");
		assertThat(Path.of("..", "sample-app", "pom.xml")).content().contains("spring-boot-maven-plugin");
	}

	@Test
	void theSettingsAreThoseOfTheTable() throws Exception {
		assertThat(this.page.section("Who migrates")).contains("| | `service` (default) | `replicas` |",
				"| settings | `headlock.exit-after-migration=true` in `migrate`, "
						+ "`headlock.skip-migrations=true` in the replicas | none |",
				"`headlock.on-schema-behind=wait`");
		ComposeFile file = ComposeFile.with(variables(Map.of()));
		assertThat(ApplicationView.of(file.environment("migrate")).property("headlock.exit-after-migration"))
			.isEqualTo("true");
		ApplicationView replica = ApplicationView.of(file.environment("parcels"));
		assertThat(replica.property("headlock.skip-migrations")).isEqualTo("true");
		assertThat(replica.property("headlock.on-schema-behind")).isEqualTo("wait");
	}

	/** Those of the example with passwords, and these. */
	private static Map<String, String> variables(Map<String, String> others) throws Exception {
		Properties example = PropertiesLoaderUtils.loadProperties(new FileSystemResource("compose/.env.example"));
		Map<String, String> variables = new HashMap<>();
		example
			.forEach((name, value) -> variables.put((String) name, ((String) value).isEmpty() ? "p" : (String) value));
		variables.putAll(others);
		return variables;
	}

	/** Runs commands, and returns the image and the arguments that Compose is told. */
	private List<String> run(Path where, String commands) throws Exception {
		File told = this.clone.resolve("told").toFile();
		Process shell = new ProcessBuilder("bash", "-euo", "pipefail", "-c",
				"docker() { test \"$1\" = compose; test -f .env; shift; echo \"${PARCELS_IMAGE:-} $*\"; }\n" + commands)
			.directory(where.toFile())
			.redirectErrorStream(true)
			.redirectOutput(told)
			.start();
		assertThat(shell.waitFor()).as(Files.readString(told.toPath())).isZero();
		return Files.readAllLines(told.toPath());
	}

}
