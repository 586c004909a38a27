package io.github.headlock.testbed;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A PgBouncer process before a server, on a free port of the loopback interface, in the
 * pool mode that the system property {@code testbed.pool-mode} names, {@code transaction}
 * if it is not set. Needs the {@code pgbouncer} package of the operating system. Stops
 * when closed or when the JVM ends.
 */
public final class PgBouncer implements AutoCloseable {

	private static final String POOL_MODE = System.getProperty("testbed.pool-mode", "transaction");

	private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

	private final Path executable;

	private final Path directory;

	private final int port;

	private final Thread shutdownHook;

	private volatile Process process;

	private PgBouncer(Path executable, Path directory, int port) throws IOException {
		this.executable = executable;
		this.directory = directory;
		this.port = port;
		this.process = launch();
		this.shutdownHook = new Thread(this::end);
		Runtime.getRuntime().addShutdownHook(this.shutdownHook);
	}

	/**
	 * Returns whether this machine has PgBouncer.
	 * @return whether the executable was found
	 */
	public static boolean isInstalled() {
		return executable().isPresent();
	}

	/**
	 * Starts a PgBouncer.
	 * @param server the server behind it
	 * @param poolSize most server connections per database and role
	 * @param settings lines of the configuration's {@code [pgbouncer]} section, on top of
	 * the defaults
	 * @return the running process, which accepts connections
	 */
	public static PgBouncer start(PostgresServer server, int poolSize, String... settings) {
		Path executable = executable().orElseThrow(() -> new IllegalStateException(
				"PgBouncer is not installed; on Debian and Ubuntu: apt-get install pgbouncer"));
		try {
			Path directory = Files.createTempDirectory("pgbouncer");
			int port = InstalledProgram.freePort();
			Path users = directory.resolve("users.txt");
			Files.writeString(users, "\"postgres\" \"\"\n");
			Files.writeString(directory.resolve("pgbouncer.ini"), String.format(Locale.ROOT, """
					[databases]
					* = host=%s port=%d
					[pgbouncer]
					listen_addr = 127.0.0.1
					listen_port = %d
					unix_socket_dir =
					auth_type = trust
					auth_file = %s
					pool_mode = %s
					default_pool_size = %d
					max_client_conn = 2000
					ignore_startup_parameters = extra_float_digits
					%s
					""", server.host(), server.port(), port, users, POOL_MODE, poolSize, String.join("\n", settings)));
			PgBouncer pgBouncer = new PgBouncer(executable, directory, port);
			pgBouncer.awaitReady();
			return pgBouncer;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("PgBouncer does not start", ex);
		}
	}

	private Process launch() throws IOException {
		List<String> command = new ArrayList<>(List.of(this.executable.toString()));
		if (System.getProperty("user.name").equals("root")) {
			// PgBouncer refuses to run as root
			command.addAll(List.of("-u", "nobody"));
			Files.setPosixFilePermissions(this.directory, PosixFilePermissions.fromString("rwxr-xr-x"));
		}
		command.add(this.directory.resolve("pgbouncer.ini").toString());
		File log = this.directory.resolve("pgbouncer.log").toFile();
		return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
	}

	private void awaitReady() throws IOException {
		long deadline = System.nanoTime() + PATIENCE_NANOS;
		while (this.process.isAlive() && System.nanoTime() < deadline) {
			try (Socket socket = new Socket()) {
				socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), this.port), 100);
				return;
			}
			catch (IOException ex) {
				LockSupport.parkNanos(PAUSE_NANOS);
			}
		}
		String log = log();
		close();
		throw new IllegalStateException("PgBouncer does not start: " + log);
	}

	private static Optional<Path> executable() {
		return InstalledProgram.find("pgbouncer");
	}

	/**
	 * Returns the JDBC URL of a database, through this PgBouncer.
	 * @param database name of the database
	 * @return the URL, without parameters
	 */
	public String url(String database) {
		return String.format(Locale.ROOT, "jdbc:postgresql://127.0.0.1:%d/%s", this.port, database);
	}

	/**
	 * Lets roles log in, beside {@code postgres}, without a password.
	 * @param roles names of the roles
	 */
	public void allow(String... roles) {
		StringBuilder lines = new StringBuilder();
		for (String role : roles) {
			lines.append('"').append(role.replace("\"", "\"\"")).append("\" \"\"\n");
		}
		reload("users.txt", lines.toString());
	}

	/**
	 * Changes a setting while the process runs.
	 * @param setting line of the configuration's {@code [pgbouncer]} section
	 */
	public void set(String setting) {
		reload("pgbouncer.ini", setting + "\n");
	}

	/** Before it serves anybody else, the process reads its files again. */
	private void reload(String file, String lines) {
		try {
			Files.writeString(this.directory.resolve(file), lines, StandardOpenOption.APPEND);
			int reloads = reloads();
			signal("-HUP");
			long deadline = System.nanoTime() + PATIENCE_NANOS;
			while (reloads() == reloads) {
				if (!this.process.isAlive() || System.nanoTime() - deadline > 0) {
					throw new IllegalStateException("PgBouncer does not read its files again: " + log());
				}
				LockSupport.parkNanos(PAUSE_NANOS);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private int reloads() throws IOException {
		return log().split("got SIGHUP", -1).length;
	}

	private String log() throws IOException {
		return Files.readString(this.directory.resolve("pgbouncer.log"));
	}

	private void signal(String signal) {
		try {
			int exitCode = new ProcessBuilder("kill", signal, String.valueOf(this.process.pid())).start().waitFor();
			if (exitCode != 0) {
				throw new IllegalStateException("PgBouncer does not take the signal " + signal);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/** Lets the process go silent: it answers nobody, and refuses nobody. */
	public void suspend() {
		signal("-STOP");
	}

	/** Lets a silent process go on. */
	public void resume() {
		signal("-CONT");
	}

	/** Kills the process. Whoever is connected or connects is refused. */
	public void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	/**
	 * Starts the process that was killed, on the same port and with the same roles, and
	 * waits until it accepts connections.
	 */
	public void startAgain() {
		try {
			this.process = launch();
			awaitReady();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("PgBouncer does not start", ex);
		}
	}

	@Override
	public void close() {
		try {
			Runtime.getRuntime().removeShutdownHook(this.shutdownHook);
		}
		catch (IllegalStateException ex) {
			// the JVM is ending, and the hook runs
		}
		end();
	}

	private void end() {
		this.process.destroyForcibly().onExit().join();
		InstalledProgram.delete(this.directory);
	}

}
