package io.github.headlock.rollout;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HttpCodeStatusMapper;
import org.springframework.boot.health.actuate.endpoint.IndicatedHealthDescriptor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Pods and Jobs of an older release, as processes of their own, while a later release
 * fails without a transaction.
 */
class LaterReleaseProcessTests {

	private final TestDatabase database = TestDatabase.create();

	private final Path older;

	private final Path later;

	LaterReleaseProcessTests(@TempDir Path folder) {
		this.older = folder.resolve("older");
		this.later = folder.resolve("later");
	}

	/** Migrations that leave a failed row. */
	enum Failing {

		INDEX("CREATE UNIQUE INDEX CONCURRENTLY i ON a (id)", null),

		SCRIPT("UPDATE a SET id = 3; SELECT 1 / 0", "executeInTransaction=false");

		private final String sql;

		private final @Nullable String settings;

		Failing(String sql, @Nullable String settings) {
			this.sql = sql;
			this.settings = settings;
		}

	}

	@BeforeEach
	void releases() throws IOException {
		for (Path folder : List.of(this.older, this.later)) {
			Files.createDirectory(folder);
			new TestMigrations(folder).file("V1__a.sql", "CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)");
		}
	}

	@ParameterizedTest
	@EnumSource
	void aPodThatRunsAndOneThatIsRestartedAreUp(Failing failing) throws Exception {
		try (ReplicaProcess running = ReplicaProcess.start(Pod.class, replica(this.older))) {
			awaitHealth(running, "200 AT_HEAD");
			failTheLaterRelease(failing);
			awaitHealth(running, "200 AHEAD");
			try (ReplicaProcess restarted = ReplicaProcess.start(Pod.class, replica(this.older))) {
				awaitHealth(restarted, "200 AHEAD");
				assertThat(restarted.output()).contains("Database ready: schema \"public\" at version 1 (");
			}
			try (ReplicaProcess plain = ReplicaProcess.start(Pod.class, replica(this.older).plain())) {
				awaitHealth(plain, "200 null");
			}
			assertThat(health(running)).isEqualTo("200 AHEAD");
		}
	}

	@ParameterizedTest
	@EnumSource
	void theJobOfARollbackSucceedsAndChangesNothing(Failing failing) throws Exception {
		failTheLaterRelease(failing);
		List<String> before = history();
		Replica job = replica(this.older).with("headlock.exit-after-migration", true);
		try (ReplicaProcess process = ReplicaProcess.start(Pod.class, job)) {
			assertThat(process.exitCode()).as(process.output()).isZero();
			assertThat(process.output()).contains("Database ready: ",
					"Exiting, because headlock.exit-after-migration is set");
		}
		assertThat(history()).isEqualTo(before);
	}

	@Test
	void theJobOfARollbackAppliesItsNewRepeatable() throws Exception {
		failTheLaterRelease(Failing.INDEX);
		new TestMigrations(this.older).file("R__fix.sql", "CREATE VIEW fix AS SELECT 1 AS one");
		Replica job = replica(this.older).with("headlock.exit-after-migration", true);
		try (ReplicaProcess process = ReplicaProcess.start(Pod.class, job)) {
			assertThat(process.exitCode()).as(process.output()).isZero();
		}
		assertThat(this.database.value("SELECT one FROM fix")).isEqualTo("1");
	}

	private void failTheLaterRelease(Failing failing) throws Exception {
		TestMigrations migrations = new TestMigrations(this.later);
		migrations.file("V2__later.sql", failing.sql);
		if (failing.settings != null) {
			migrations.file("V2__later.sql.conf", failing.settings);
		}
		try (ReplicaProcess process = ReplicaProcess.start(Pod.class, replica(this.later))) {
			assertThat(process.exitCode()).as(process.output()).isOne();
		}
		assertThat(this.database.list("SELECT version FROM flyway_schema_history WHERE NOT success"))
			.containsExactly("2");
	}

	private List<String> history() {
		return this.database.list("SELECT h::text FROM flyway_schema_history h ORDER BY installed_rank");
	}

	private Replica replica(Path folder) {
		return Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", new TestMigrations(folder).location());
	}

	/** An answer that is late on a busy machine is none. */
	private static void awaitHealth(ReplicaProcess pod, String expected) {
		assertThat(await().until(() -> health(pod), (health) -> !health.isEmpty() && !health.endsWith("UNKNOWN")))
			.as(pod.output())
			.isEqualTo(expected);
	}

	/** The HTTP status and the schema's state, empty before the pod answers. */
	private static String health(ReplicaProcess pod) throws Exception {
		Matcher port = Pod.PORT.matcher(pod.output());
		if (!port.find()) {
			assertThat(pod.isAlive()).as(pod.output()).isTrue();
			return "";
		}
		HttpResponse<String> response = HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.group(1))).build(),
					BodyHandlers.ofString());
		return response.statusCode() + " " + response.body();
	}

	/**
	 * An application that answers what {@code /actuator/health} would.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Pod {

		static final Pattern PORT = Pattern.compile("Listening on (\\d+)");

		public static void main(String[] arguments) {
			SpringApplication.run(Pod.class, arguments);
		}

		@Bean(destroyMethod = "")
		ApplicationRunner listening(HealthEndpoint health, HttpCodeStatusMapper codes) {
			return (arguments) -> {
				HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
				server.createContext("/", (exchange) -> answer(exchange, health, codes));
				server.start();
				System.out.println("Listening on " + server.getAddress().getPort());
			};
		}

		private static void answer(HttpExchange exchange, HealthEndpoint health, HttpCodeStatusMapper codes)
				throws IOException {
			try (exchange) {
				int code = codes.getStatusCode(health.health().getStatus());
				Map<?, ?> details = ((IndicatedHealthDescriptor) health.healthForPath("schema")).getDetails();
				byte[] state = String.valueOf(details.get("state")).getBytes(StandardCharsets.UTF_8);
				exchange.sendResponseHeaders(code, state.length);
				exchange.getResponseBody().write(state);
			}
		}

	}

}
