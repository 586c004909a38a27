package io.github.headlock.testbed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * A server in a container. Its processes and its files are out of reach of this JVM.
 */
final class ContainerServer implements RunningServer {

	private static final int PORT = 5432;

	private static final String ACCESS_RULES = "/headlock-pg_hba.conf";

	private static final long SHARED_MEMORY_BYTES = 256L * 1024 * 1024;

	private final GenericContainer<?> container;

	private ContainerServer(GenericContainer<?> container) {
		this.container = container;
	}

	static ContainerServer start(String image, Map<String, String> settings, String accessRules) {
		DockerCheck.requireEngine();
		Map<String, String> all = new LinkedHashMap<>();
		// as the embedded server has them
		all.put("fsync", "off");
		all.put("synchronous_commit", "off");
		all.put("max_connections", "300");
		all.put("timezone", "UTC");
		all.put("hba_file", ACCESS_RULES);
		all.putAll(settings);
		List<String> command = new ArrayList<>(List.of("postgres"));
		all.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
		String rules = accessRules.isEmpty() ? "host all all all trust\n" : accessRules;
		@SuppressWarnings("resource")
		GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image))
			.withEnv(Map.of("POSTGRES_PASSWORD", "postgres", "LANG", "C.UTF-8"))
			.withCopyToContainer(Transferable.of("local all all trust\n" + rules), ACCESS_RULES)
			.withSharedMemorySize(SHARED_MEMORY_BYTES)
			.withExposedPorts(PORT)
			.withCommand(command.toArray(String[]::new))
			// not by its log, which a test may redirect; while the image prepares itself,
			// the server takes no TCP connection
			.waitingFor(Wait.forSuccessfulCommand("pg_isready -h 127.0.0.1 -U postgres")
				.withStartupTimeout(Duration.ofMinutes(2)));
		container.start();
		return new ContainerServer(container);
	}

	@Override
	public String host() {
		return this.container.getHost();
	}

	@Override
	public int port() {
		return this.container.getMappedPort(PORT);
	}

	@Override
	public void stop(String mode) {
		throw outOfReach();
	}

	@Override
	public void startAgain() {
		throw outOfReach();
	}

	@Override
	public void signal(String signal) {
		throw outOfReach();
	}

	private static UnsupportedOperationException outOfReach() {
		return new UnsupportedOperationException(
				"The processes of a server in a container are out of reach; this test needs the embedded server");
	}

	@Override
	public void close() {
		this.container.close();
	}

}
