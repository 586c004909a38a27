package io.github.headlock.jdbc;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Finds the name of this host. A name service is asked only if neither the environment
 * nor the operating system knows the name, because its answer may take seconds.
 *
 * @param environment the environment variables
 * @param files files of the operating system that contain the name
 * @param resolver asks the name service
 */
record HostName(Map<String, String> environment, List<Path> files, Callable<String> resolver) {

	private static final List<String> VARIABLES = List.of("HOSTNAME", "COMPUTERNAME");

	private static final List<Path> FILES = List.of(Path.of("/proc/sys/kernel/hostname"), Path.of("/etc/hostname"));

	private static final Duration LONGEST_RESOLUTION = Duration.ofSeconds(1);

	/** The name, empty if it is not found within one second. */
	static Optional<String> ofThisHost() {
		return new HostName(System.getenv(), FILES, () -> InetAddress.getLocalHost().getHostName()).find();
	}

	Optional<String> find() {
		Stream<String> variables = VARIABLES.stream()
			.flatMap((variable) -> Optional.ofNullable(this.environment.get(variable)).stream());
		return Stream.concat(variables, this.files.stream().flatMap((file) -> read(file).stream()))
			.map(String::strip)
			.filter((name) -> !name.isEmpty())
			.findFirst()
			.or(this::resolve);
	}

	private static Optional<String> read(Path file) {
		try (Stream<String> lines = Files.lines(file)) {
			return lines.findFirst();
		}
		catch (IOException | RuntimeException ex) {
			return Optional.empty();
		}
	}

	private Optional<String> resolve() {
		FutureTask<String> resolution = new FutureTask<>(this.resolver);
		Thread thread = new Thread(resolution, "headlock-host-name");
		thread.setDaemon(true);
		thread.start();
		try {
			return Optional.of(resolution.get(LONGEST_RESOLUTION.toMillis(), TimeUnit.MILLISECONDS));
		}
		catch (ExecutionException | TimeoutException ex) {
			return Optional.empty();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return Optional.empty();
		}
	}

}
