package io.github.headlock.sample;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The application's web server while PostgreSQL takes connections and answers nothing.
 */
class SuspendedServerTests {

	/** More than the web server has threads. */
	private static final int REQUESTS = 230;

	private static final int SERVER_THREADS = 20;

	/** The contract has two; the rest is for a slow machine. */
	private static final Duration LONGEST_ANSWER = Duration.ofSeconds(8);

	private final HttpClient client = HttpClient.newHttpClient();

	private final AtomicInteger answers = new AtomicInteger();

	private final AtomicBoolean ended = new AtomicBoolean();

	@ParameterizedTest
	@ValueSource(strings = { "headlock", "health/schema", "prometheus" })
	void requestsThatWaitForTheDatabaseLeaveThreadsForOthers(String path) throws Exception {
		try (PostgresServer server = PostgresServer.start(Map.of());
				ConfigurableApplicationContext context = new SpringApplicationBuilder(SampleApplication.class).run(
						"--server.port=0", "--server.tomcat.threads.max=" + SERVER_THREADS,
						"--spring.main.banner-mode=off", "--spring.datasource.url=" + server.url("postgres"),
						"--spring.datasource.username=postgres")) {
			String actuator = "http://127.0.0.1:%s/actuator/"
				.formatted(context.getEnvironment().getProperty("local.server.port"));
			URI requested = URI.create(actuator + path);
			server.suspend();
			try {
				for (int i = 0; i < REQUESTS; i++) {
					askAgainAndAgain(requested);
				}
				for (int i = 0; i < 5; i++) {
					int before = this.answers.get();
					assertThat(get(URI.create(actuator + "health/liveness")).statusCode()).isEqualTo(200);
					await().until(() -> this.answers.get() > before);
				}
			}
			finally {
				this.ended.set(true);
				server.resume();
			}
			await().until(() -> get(URI.create(actuator + "headlock")).body().contains("\"AT_HEAD\""));
		}
	}

	@SuppressWarnings("FutureReturnValueIgnored") // after one that failed, the test
													// misses the answers
	private void askAgainAndAgain(URI uri) {
		this.client.sendAsync(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
			.thenAccept((response) -> {
				this.answers.incrementAndGet();
				if (!this.ended.get()) {
					askAgainAndAgain(uri);
				}
			});
	}

	private HttpResponse<String> get(URI uri) throws Exception {
		HttpRequest request = HttpRequest.newBuilder(uri).timeout(LONGEST_ANSWER).build();
		return this.client.send(request, HttpResponse.BodyHandlers.ofString());
	}

}
