package io.github.headlock.deploy;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

import io.github.headlock.testbed.JavaCommand;
import io.github.headlock.testbed.LoggedProcess;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1SecretKeySelector;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The packaged sample application with the environment of a container, and nothing else
 * of it: a real process instead of a cluster.
 */
final class ContainerProcess implements AutoCloseable {

	private final HttpClient client = HttpClient.newHttpClient();

	private final int managementPort = freePort();

	private final LoggedProcess process;

	private ContainerProcess(V1Container container, String url, UnaryOperator<String> secrets,
			Map<String, String> settings) throws IOException {
		Map<String, String> environment = new LinkedHashMap<>(settings);
		for (V1EnvVar variable : container.getEnv()) {
			environment.put(variable.getName(), value(variable, url, secrets));
		}
		// a migrator has none, because it serves nothing
		environment.computeIfPresent("SERVER_PORT", (name, port) -> String.valueOf(freePort()));
		environment.computeIfPresent("MANAGEMENT_SERVER_PORT", (name, port) -> String.valueOf(this.managementPort));
		this.process = JavaCommand.packaged(Path.of(System.getProperty("sample.target")), "headlock-sample-app")
			.withoutInheritedEnvironment()
			.environment(environment)
			.start(Files.createTempFile(container.getName(), ".log"));
	}

	/**
	 * Starts a container's process.
	 * @param container the container
	 * @param url where the database is in fact
	 * @param secrets gives the user name for the name of a Secret; there are no passwords
	 */
	static ContainerProcess start(V1Container container, String url, UnaryOperator<String> secrets) throws IOException {
		return start(container, url, secrets, Map.of());
	}

	/**
	 * Starts a container's process with variables of its "envFrom", too.
	 * @param container the container
	 * @param url where the database is in fact
	 * @param secrets gives the user name for the name of a Secret; there are no passwords
	 * @param settings the variables
	 */
	static ContainerProcess start(V1Container container, String url, UnaryOperator<String> secrets,
			Map<String, String> settings) throws IOException {
		return new ContainerProcess(container, url, secrets, settings);
	}

	/** Probes as the kubelet does. */
	boolean passes(V1Probe probe) {
		int status = status(probe);
		return status >= 200 && status < 400;
	}

	/** Returns the HTTP status that a probe gets, 0 if the port is closed. */
	int status(V1Probe probe) {
		URI address = URI.create("http://127.0.0.1:" + this.managementPort + probe.getHttpGet().getPath());
		try {
			return this.client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding()).statusCode();
		}
		catch (IOException ex) {
			return 0;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	int exitCode() throws InterruptedException {
		assertThat(this.process.endsWithin(Duration.ofMinutes(2))).as("ends by itself").isTrue();
		return this.process.exitCode();
	}

	String output() {
		return this.process.log().text();
	}

	@Override
	public void close() throws IOException {
		this.process.close();
		Files.delete(this.process.log().file());
	}

	private static String value(V1EnvVar variable, String url, UnaryOperator<String> secrets) {
		if (variable.getName().endsWith("_URL")) {
			return url;
		}
		if (variable.getValue() != null) {
			return variable.getValue();
		}
		V1SecretKeySelector key = variable.getValueFrom().getSecretKeyRef();
		return key.getKey().equals("username") ? secrets.apply(key.getName()) : "";
	}

	private static int freePort() {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
