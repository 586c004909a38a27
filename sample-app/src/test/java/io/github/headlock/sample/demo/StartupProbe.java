package io.github.headlock.sample.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks a replica whether it has started, as Kubernetes would.
 */
final class StartupProbe {

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private final HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

	private final JsonMapper json = new JsonMapper();

	/**
	 * Asks.
	 * @param port where the replica listens
	 * @return how its start went, empty if it is not UP yet
	 */
	Optional<Start> ask(int port) {
		return get(port).filter((response) -> response.statusCode() == 200)
			.map((response) -> start(this.json.readTree(response.body())));
	}

	/**
	 * Asks a replica with or without Headlock.
	 * @param port where the replica listens
	 * @return whether it is UP
	 */
	boolean isUp(int port) {
		return get(port).filter((response) -> response.statusCode() == 200).isPresent();
	}

	/**
	 * Asks.
	 * @param port where the replica listens
	 * @return whether it answers, and says that it is not ready for service
	 */
	boolean isOutOfService(int port) {
		return get(port).filter((response) -> response.statusCode() == 503)
			.map((response) -> this.json.readTree(response.body()).path("status").asString())
			.filter("OUT_OF_SERVICE"::equals)
			.isPresent();
	}

	private Optional<HttpResponse<String>> get(int port) {
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:%d/actuator/health/startup".formatted(port)))
			.timeout(TIMEOUT)
			.build();
		try {
			return Optional.of(this.client.send(request, HttpResponse.BodyHandlers.ofString()));
		}
		catch (IOException ex) {
			return Optional.empty();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private static Start start(JsonNode health) {
		JsonNode details = health.at("/components/schema/details");
		return new Start(details.get("outcome").asString(), Duration.parse(details.get("waited").asString()),
				Duration.parse(details.get("took").asString()));
	}

	/**
	 * How Headlock's part of a start went.
	 *
	 * @param outcome such as {@code migrated}
	 * @param waited how long for the lock
	 * @param took how long in all
	 */
	record Start(String outcome, Duration waited, Duration took) {
	}

}
