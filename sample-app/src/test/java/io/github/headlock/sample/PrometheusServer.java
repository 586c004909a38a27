package io.github.headlock.sample;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import io.github.headlock.testbed.LoggedProcess;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A Prometheus process on a free port of the loopback interface, which scrapes one target
 * every second and evaluates alert rules. Needs the {@code prometheus} package of the
 * operating system. Stops when closed or when the JVM ends.
 */
final class PrometheusServer implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofMinutes(1);

	private final HttpClient client = HttpClient.newHttpClient();

	private final int port;

	private final LoggedProcess process;

	private PrometheusServer(int port, LoggedProcess process) {
		this.port = port;
		this.process = process;
	}

	/**
	 * Starts the process, and waits until it answers.
	 * @param folder an empty folder for its files
	 * @param job name of the job that the target belongs to
	 * @param target port of the target, which exports at {@code /actuator/prometheus}
	 * @param rules file of alert rules
	 */
	static PrometheusServer start(Path folder, String job, int target, Path rules) throws IOException {
		Path configuration = Files.writeString(folder.resolve("prometheus.yml"), """
				global:
				  scrape_interval: 1s
				  evaluation_interval: 1s
				rule_files:
				  - %s
				scrape_configs:
				  - job_name: %s
				    metrics_path: /actuator/prometheus
				    static_configs:
				      - targets: ["127.0.0.1:%d"]
				""".formatted(rules.toRealPath(), job, target));
		int port = freePort();
		ProcessBuilder command = new ProcessBuilder("prometheus", "--config.file=" + configuration,
				"--storage.tsdb.path=" + folder.resolve("data"), "--web.listen-address=127.0.0.1:" + port);
		PrometheusServer server = new PrometheusServer(port,
				LoggedProcess.start(command, folder.resolve("prometheus.log")));
		try {
			Awaitility.await()
				.atMost(PATIENCE)
				.failFast(() -> assertThat(server.process.isAlive()).as(server.process.log().text()).isTrue())
				.until(server::isReady);
			return server;
		}
		catch (RuntimeException | Error ex) {
			server.close();
			throw ex;
		}
	}

	/**
	 * Asks its HTTP interface.
	 * @param path what follows {@code /api/v1/}
	 * @param parameters name, value, name, value and so on
	 * @return the {@code data} of the answer
	 */
	JsonNode get(String path, String... parameters) throws IOException, InterruptedException {
		StringBuilder query = new StringBuilder();
		for (int i = 0; i < parameters.length; i += 2) {
			query.append((i == 0) ? "?" : "&")
				.append(encoded(parameters[i]))
				.append("=")
				.append(encoded(parameters[i + 1]));
		}
		HttpResponse<String> response = send("/api/v1/" + path + query);
		JsonNode answer = JsonMapper.shared().readTree(response.body());
		assertThat(answer.get("status").asString()).as(response.body()).isEqualTo("success");
		return answer.get("data");
	}

	/** Returns the series that a query has now. */
	JsonNode query(String expression) throws IOException, InterruptedException {
		return get("query", "query", expression).get("result");
	}

	private boolean isReady() throws IOException, InterruptedException {
		try {
			return send("/-/ready").statusCode() == 200;
		}
		catch (ConnectException ex) {
			return false;
		}
	}

	private HttpResponse<String> send(String path) throws IOException, InterruptedException {
		return this.client.send(
				HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + this.port + path)).timeout(PATIENCE).build(),
				HttpResponse.BodyHandlers.ofString());
	}

	private static String encoded(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	@Override
	public void close() {
		this.process.close();
	}

}
