package io.github.headlock.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.junit.jupiter.api.io.TempDir;

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
	void podsAreReadyWhileTheJobFinishesBackgroundMigrations(@TempDir Path declared) throws Exception {
		String url = database("background");
		Files.writeString(declared.resolve("upper_case_cities.sql"), """
				-- headlock: table = depot
				-- headlock: since = 5
				-- headlock: where = city <> upper(city)
				UPDATE depot SET city = upper(city) WHERE ${batch}
				""");
		Map<String, String> settings = Map.of("HEADLOCK_BACKGROUND_LOCATIONS", "filesystem:" + declared);
		Manifests manifests = Chart.render("migrations: {runIn: job, job: {finishBackgroundSeconds: 3600}}\n");
		try (ContainerProcess job = start(manifests.migrator(), url, settings);
				ContainerProcess pod = start(manifests.application(), url, settings)) {
			becomesReady(pod, manifests.application());
			assertThat(pod.output())
				.contains("does not work on the background migrations that its release declares: upper_case_cities");
			Awaitility.await()
				.atMost(Duration.ofMinutes(1))
				.until(() -> value("background", "SELECT count(*) FROM depot WHERE city <> upper(city)").equals("0"));
			// it waits for its next pass, and sees the change within 30 s
			assertThat(job.isAlive()).as(job.output()).isTrue();
			execute("background", "UPDATE flyway_schema_history_background SET state = 'paused'");
			assertThat(job.exitCode()).as(job.output()).isEqualTo(15);
			assertThat(job.output()).contains(
					"Finishing the background migrations of this release, for at most 3600.0 s",
					"\"upper_case_cities\": paused, last changed by ");
			assertThat(pod.passes(manifests.application().getStartupProbe())).isTrue();
		}
		execute("background", "UPDATE flyway_schema_history_background SET state = 'running', next_at = NULL");
		try (ContainerProcess job = start(manifests.migrator(), url, settings)) {
			assertThat(job.exitCode()).as(job.output()).isZero();
		}
		assertThat(value("background", "SELECT state FROM flyway_schema_history_background")).isEqualTo("finished");
		// what a pod with headlock.background.run=always needs, by the default privileges
		for (String table : List.of("flyway_schema_history_background", "flyway_schema_history_background_batch")) {
			assertThat(privileges("background", table)).containsExactly("DELETE", "INSERT", "SELECT", "UPDATE");
		}
	}

	private static String value(String database, String sql) throws SQLException {
		try (Connection connection = server.connect(database);
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getString(1);
		}
	}

	private static void execute(String database, String sql) throws SQLException {
		try (Connection connection = server.connect(database); Statement statement = connection.createStatement()) {
			statement.execute(sql);
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

	private static ContainerProcess start(V1Container container, String url, Map<String, String> settings)
			throws IOException {
		return ContainerProcess.start(container, url, (secret) -> secret.replace('-', '_'), settings);
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
