package io.github.headlock.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.github.headlock.testbed.PostgresServer;
import io.kubernetes.client.openapi.models.V1Container;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application needs for the chart's probes, as the documentation says it: the
 * settings there are the only ones that the application has.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class KubernetesApplicationIT {

	private static PostgresServer server;

	@TempDir
	private Path folder;

	private final V1Container container = Chart.migratingIn("pods").application();

	@BeforeAll
	static void startServer() throws SQLException {
		server = PostgresServer.start(Map.of());
		server.createDatabase("application");
	}

	@AfterAll
	static void stopServer() {
		server.close();
	}

	@Test
	void itsProbesSucceedWithTheSettingsOfThePage() throws IOException {
		String settings = DocumentationPage.read("kubernetes.md")
			.block("What your application needs", "yaml", "startup");
		try (ContainerProcess pod = start(settings)) {
			assertThat(pod.status(this.container.getStartupProbe())).isEqualTo(200);
			assertThat(pod.status(this.container.getReadinessProbe())).isEqualTo(200);
			assertThat(pod.status(this.container.getLivenessProbe())).isEqualTo(200);
		}
	}

	@Test
	void itIsNotFoundWithoutTheGroupAndItsLogIsSilent() throws IOException {
		try (ContainerProcess pod = start("")) {
			assertThat(pod.status(this.container.getStartupProbe())).isEqualTo(404);
			assertThat(pod.status(this.container.getReadinessProbe())).isEqualTo(200);
			assertThat(pod.status(this.container.getLivenessProbe())).isEqualTo(200);
			assertThat(pod.output()).doesNotContain("health/startup", "WARN", "ERROR");
		}
	}

	@Test
	void itIsNotFoundWhereHealthIsNotExposed() throws IOException {
		String settings = DocumentationPage.read("kubernetes.md")
			.block("What your application needs", "yaml", "startup");
		try (ContainerProcess pod = start(settings + "  endpoints.web.exposure.include: prometheus\n")) {
			assertThat(pod.status(this.container.getStartupProbe())).isEqualTo(404);
		}
	}

	/**
	 * Starts it without the settings that are packaged in it, but for the one that its
	 * migrations need.
	 */
	private ContainerProcess start(String settings) throws IOException {
		Path file = Files.writeString(this.folder.resolve("application.yaml"),
				"spring.flyway.placeholders.imported_parcels: 40000\n" + settings);
		ContainerProcess pod = ContainerProcess.start(this.container, server.url("application"), (secret) -> "postgres",
				Map.of("SPRING_CONFIG_LOCATION", file.toUri().toString()));
		Awaitility.await()
			.atMost(Duration.ofMinutes(2))
			.failFast(() -> assertThat(pod.isAlive()).as(pod.output()).isTrue())
			.until(() -> pod.output().contains("Started SampleApplication"));
		return pod;
	}

}
