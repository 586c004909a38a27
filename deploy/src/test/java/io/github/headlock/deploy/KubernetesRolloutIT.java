package io.github.headlock.deploy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.github.headlock.testbed.MigrationRoles;
import io.github.headlock.testbed.PostgresServer;
import io.kubernetes.client.openapi.models.V1Container;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The chart's containers as processes on a real database, with the two roles that it asks
 * for: one owns the schema, the other may not change it.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class KubernetesRolloutIT {

	private static final MigrationRoles ROLES = new MigrationRoles("parcels_migrator", "parcels_application");

	private static PostgresServer server;

	@BeforeAll
	static void startServer() throws SQLException {
		server = PostgresServer.start(Map.of());
		try (Connection connection = server.connect("postgres")) {
			ROLES.create(connection);
		}
	}

	@AfterAll
	static void stopServer() {
		server.close();
	}

	@Test
	void podsThatStartBeforeTheJobWaitForIt() throws Exception {
		String url = database("job");
		Manifests manifests = Chart.migratingIn("job");
		try (ContainerProcess pod = start(manifests.application(), url)) {
			Awaitility.await()
				.atMost(Duration.ofMinutes(2))
				.until(() -> !pod.isAlive() || pod.output().contains("Waiting for"));
			assertThat(pod.passes(manifests.application().getStartupProbe())).as("startup probe").isFalse();
			try (ContainerProcess job = start(manifests.migrator(), url)) {
				assertThat(job.exitCode()).as(job.output()).isZero();
				assertThat(job.output()).contains("Database ready: ", "migrated ");
			}
			becomesReady(pod, manifests.application());
			assertThat(pod.output()).contains("migrations skipped");
		}
		// the next rollout's Job, or the same one again
		try (ContainerProcess job = start(manifests.migrator(), url)) {
			assertThat(job.exitCode()).as(job.output()).isZero();
			assertThat(job.output()).contains("at head already");
		}
	}

	@Test
	void podsServeAfterTheirInitContainer() throws Exception {
		String url = database("init");
		Manifests manifests = Chart.migratingIn("initContainer");
		try (ContainerProcess pod = start(manifests.application(), url)) {
			assertThat(pod.exitCode()).as("without its init container: " + pod.output()).isEqualTo(13);
		}
		try (ContainerProcess init = start(manifests.migrator(), url)) {
			assertThat(init.exitCode()).as(init.output()).isZero();
		}
		try (ContainerProcess pod = start(manifests.application(), url)) {
			becomesReady(pod, manifests.application());
		}
		assertThat(privileges("init", "parcel")).containsExactly("DELETE", "INSERT", "SELECT", "UPDATE");
		assertThat(privileges("init", "flyway_schema_history")).containsExactly("SELECT");
	}

	private static List<String> privileges(String database, String table) throws SQLException {
		try (Connection connection = server.connect(database);
				Statement statement = connection.createStatement();
				ResultSet row = statement
					.executeQuery("SELECT privilege_type FROM information_schema.role_table_grants "
							+ "WHERE grantee = 'parcels_application' AND table_name = '" + table + "' ORDER BY 1")) {
			List<String> privileges = new ArrayList<>();
			while (row.next()) {
				privileges.add(row.getString(1));
			}
			return privileges;
		}
	}

	@Test
	void podsMigrateThemselves() throws Exception {
		String url = database("pods");
		Manifests manifests = Chart.migratingIn("pods");
		try (ContainerProcess pod = start(manifests.application(), url)) {
			becomesReady(pod, manifests.application());
			assertThat(pod.output()).contains("Database ready: ", "migrated ");
		}
	}

	@Test
	void onlyTheStartupProbeKnowsTheSchema() throws Exception {
		String url = database("probes");
		V1Container application = Chart.migratingIn("pods").application();
		try (ContainerProcess pod = start(application, url)) {
			becomesReady(pod, application);
			try (Connection connection = server.connect("probes"); Statement statement = connection.createStatement()) {
				statement.execute("DELETE FROM flyway_schema_history WHERE version = '5'");
			}
			assertThat(pod.passes(application.getStartupProbe())).as("startup").isFalse();
			assertThat(pod.passes(application.getReadinessProbe())).as("readiness").isTrue();
			assertThat(pod.passes(application.getLivenessProbe())).as("liveness").isTrue();
		}
	}

	private static void becomesReady(ContainerProcess pod, V1Container application) {
		Awaitility.await().atMost(Duration.ofMinutes(2)).failFast(() -> {
			assertThat(pod.isAlive()).as(pod.output()).isTrue();
		}).until(() -> pod.passes(application.getStartupProbe()));
		assertThat(pod.passes(application.getReadinessProbe())).as("readiness").isTrue();
		assertThat(pod.passes(application.getLivenessProbe())).as("liveness").isTrue();
	}

	private static ContainerProcess start(V1Container container, String url) throws IOException {
		return ContainerProcess.start(container, url, (secret) -> secret.replace('-', '_'));
	}

	/** A database as docs/kubernetes.md has it prepared. */
	private static String database(String name) throws SQLException {
		server.createDatabase(name);
		try (Connection connection = server.connect(name); Statement statement = connection.createStatement()) {
			ROLES.allowCreating(connection);
			statement.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
			ROLES.allowReading(connection);
		}
		return server.url(name);
	}

}
