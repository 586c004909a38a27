package io.github.headlock.sample.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class TrafficTests {

	private final Map<String, Integer> statuses = new ConcurrentHashMap<>(Map.of("GET", 200, "POST", 201));

	private HttpServer server;

	@BeforeEach
	void startServer() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.server.createContext("/parcels", this::answer);
		this.server.start();
	}

	@AfterEach
	void stopServer() {
		this.server.stop(0);
	}

	@Test
	void parcelsAreReadAndAnnouncedAgainAndAgain() throws Exception {
		try (Traffic traffic = begin()) {
			await().until(() -> traffic.answers().answered() > 6);
			Answers answers = traffic.end();
			assertThat(answers.failed()).isZero();
			assertThat(answers.failure()).isEmpty();
			assertThat(answers.longest()).isPositive();
		}
	}

	@Test
	void anAnswerOfAnotherStatusIsAFailure() throws Exception {
		try (Traffic traffic = begin()) {
			this.statuses.put("POST", 500);
			await().until(() -> traffic.answers().failed() > 1);
			assertThat(traffic.end().failure()).contains("status 500 instead of 201");
		}
	}

	@Test
	void aPodThatIsGoneIsAFailure() throws Exception {
		try (Traffic traffic = begin()) {
			this.server.stop(0);
			await().until(() -> traffic.answers().failed() > 0);
			assertThat(traffic.end().failure()).isPresent();
		}
	}

	@Test
	void theLongestAnswerIsKept() {
		Answers answers = Answers.NONE.plusAnswer(Duration.ofMillis(20))
			.plusAnswer(Duration.ofMillis(30))
			.plusAnswer(Duration.ofMillis(10));
		assertThat(answers).hasToString("3 requests answered, the longest after 0.03 s, 0 failed");
	}

	private Traffic begin() {
		Traffic traffic = new Traffic();
		traffic.begin(List.of(this.server.getAddress().getPort()));
		return traffic;
	}

	private void answer(HttpExchange exchange) throws IOException {
		try (exchange) {
			exchange.getRequestBody().readAllBytes();
			exchange.sendResponseHeaders(this.statuses.get(exchange.getRequestMethod()), -1);
		}
	}

}
