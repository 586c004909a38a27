package io.github.headlock.sample;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.github.headlock.testbed.JavaCommand;
import io.github.headlock.testbed.LoggedProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.postgresql.PostgreSQLContainer;

import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * That the ways to test with Testcontainers which the sample shows use its container, and
 * not the embedded server. Runs only with a Docker engine.
 */
@Tag("testcontainers")
class ContainerDatabaseTests {

	@Test
	void aServiceConnectionTakesThePlaceOfTheEmbeddedServer() {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(SampleApplication.class,
				TestcontainersConfiguration.class)
			.run("--server.port=0")) {
			PostgreSQLContainer container = context.getBean(PostgreSQLContainer.class);
			assertThat(context.getBean(JdbcConnectionDetails.class).getJdbcUrl()).isEqualTo(container.getJdbcUrl());
			assertAtHead(context, container.getUsername());
		}
	}

	@Test
	void aUrlOfTestcontainersIsEnough() {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(SampleApplication.class)
			.run("--server.port=0", "--spring.datasource.url=jdbc:tc:postgresql:15:///parcels")) {
			assertAtHead(context, "test");
		}
	}

	@Test
	void theApplicationForDevelopmentStartsAContainer(@TempDir Path folder) throws Exception {
		try (LoggedProcess process = JavaCommand
			.main(System.getProperty("java.class.path"), TestSampleApplication.class.getName())
			.arguments(List.of("--server.port=0", "--logging.level.tc=info"))
			.start(folder.resolve("log"))) {
			await().atMost(Duration.ofMinutes(3))
				.until(() -> !process.isAlive() || process.log().text().contains("Started SampleApplication"));
			assertThat(process.log().text()).contains("Container is started (JDBC URL: jdbc:postgresql://",
					"Database ready: schema \"public\" at version 6");
			// killed, it would leave its container behind
			process.terminate();
			assertThat(process.endsWithin(Duration.ofMinutes(1))).isTrue();
		}
	}

	private static void assertAtHead(ConfigurableApplicationContext context, String user) {
		assertThat(context.getBean(JdbcClient.class).sql("SELECT current_user").query(String.class).single())
			.isEqualTo(user);
		assertThat(context.getBean("schemaHealthIndicator", HealthIndicator.class).health().getStatus())
			.isEqualTo(Status.UP);
	}

}
