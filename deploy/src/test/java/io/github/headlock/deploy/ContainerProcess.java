package io.github.headlock.deploy;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

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

	private final Path log;

	private final Process process;

	private ContainerProcess(V1Container container, String url, UnaryOperator<String> secrets) throws IOException {
		this.log = Files.createTempFile(container.getName(), ".log");
		ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-jar", jar().toString())
			.redirectErrorStream(true)
			.redirectOutput(this.log.toFile());
		Map<String, String> environment = builder.environment();
		environment.clear();
		for (V1EnvVar variable : container.getEnv()) {
			environment.put(variable.getName(), value(variable, url, secrets));
		}
		environment.put("SERVER_PORT", String.valueOf(freePort()));
		environment.put("MANAGEMENT_SERVER_PORT", String.valueOf(this.managementPort));
		this.process = builder.start();
	}

	/**
	 * Starts a container's process.
	 * @param container the container
	 * @param url where the database is in fact
	 * @param secrets gives the user name for the name of a Secret; there are no passwords
	 */
	static ContainerProcess start(V1Container container, String url, UnaryOperator<String> secrets) throws IOException {
		return new ContainerProcess(container, url, secrets);
	}

	/** Probes as the kubelet does. */
	boolean passes(V1Probe probe) {
		URI address = URI.create("http://127.0.0.1:" + this.managementPort + probe.getHttpGet().getPath());
		try {
			return this.client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding())
				.statusCode() == 200;
		}
		catch (IOException ex) {
			return false;
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
		assertThat(this.process.waitFor(2, TimeUnit.MINUTES)).as("ends by itself").isTrue();
		return this.process.exitValue();
	}

	String output() {
		try {
			return Files.readString(this.log);
		}
		catch (IOException ex) {
			return ex.toString();
		}
	}

	@Override
	public void close() throws IOException {
		this.process.destroyForcibly().onExit().join();
		Files.delete(this.log);
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

	private static Path jar() throws IOException {
		Path target = Path.of(System.getProperty("sample.target"));
		if (Files.isDirectory(target)) {
			try (Stream<Path> files = Files.list(target)) {
				return files.filter((file) -> file.getFileName().toString().matches("headlock-sample-app-.*\\.jar"))
					.findFirst()
					.orElseThrow(() -> new IllegalStateException("Package sample-app first: no jar in " + target));
			}
		}
		throw new IllegalStateException("Package sample-app first: there is no " + target);
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
