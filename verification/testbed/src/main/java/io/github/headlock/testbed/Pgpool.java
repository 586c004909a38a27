package io.github.headlock.testbed;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A pgpool-II before a server, on a free port of the loopback interface. Unless its
 * settings say otherwise, it knows no other server and checks nothing from time to time,
 * so that only what happens to the sessions of its clients can make it detach the server.
 * Needs the {@code pgpool2} package of the operating system. Stops when closed or when
 * the JVM ends.
 */
public final class Pgpool implements AutoCloseable {

	private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

	/** What the log says once it knows which server is the primary. */
	private static final String READY = "node status[0]: 1";

	private static final String DETACHING = "starting degeneration";

	private final Path directory;

	private final int port;

	private final Process process;

	private final Thread shutdownHook = new Thread(this::end);

	private Pgpool(Path directory, int port, Process process) {
		this.directory = directory;
		this.port = port;
		this.process = process;
		Runtime.getRuntime().addShutdownHook(this.shutdownHook);
	}

	/**
	 * Returns whether this machine has pgpool-II.
	 * @return whether the executable was found
	 */
	public static boolean isInstalled() {
		return executable().isPresent();
	}

	private static Optional<Path> executable() {
		return InstalledProgram.find("pgpool");
	}

	/**
	 * Starts a pgpool-II.
	 * @param server the server behind it, a primary
	 * @param settings lines of its configuration, on top of the defaults
	 * @return the running process, which accepts connections
	 */
	public static Pgpool start(PostgresServer server, String... settings) {
		Path executable = executable().orElseThrow(() -> new IllegalStateException(
				"pgpool-II is not installed; on Debian and Ubuntu: apt-get install pgpool2"));
		try {
			Path directory = Files.createTempDirectory("pgpool");
			int port = InstalledProgram.freePort();
			Path configuration = directory.resolve("pgpool.conf");
			Files.writeString(configuration, String.format(Locale.ROOT, """
					backend_clustering_mode = 'streaming_replication'
					backend_hostname0 = '%s'
					backend_port0 = %d
					backend_flag0 = 'ALLOW_TO_FAILOVER'
					listen_addresses = '127.0.0.1'
					port = %d
					pcp_listen_addresses = ''
					pcp_port = %d
					socket_dir = '%5$s'
					pcp_socket_dir = '%5$s'
					pid_file_name = '%5$s/pgpool.pid'
					logdir = '%5$s'
					pool_passwd = ''
					sr_check_user = 'postgres'
					sr_check_database = 'postgres'
					sr_check_period = 0
					health_check_period = 0
					load_balance_mode = off
					%6$s
					""", server.host(), server.port(), port, InstalledProgram.freePort(), directory,
					String.join("\n", settings)));
			File log = directory.resolve("pgpool.log").toFile();
			Process process = new ProcessBuilder(executable.toString(), "-n", "-f", configuration.toString(), "-F",
					directory.resolve("pcp.conf").toString(), "-a", directory.resolve("pool_hba.conf").toString())
				.redirectErrorStream(true)
				.redirectOutput(log)
				.start();
			Pgpool pgpool = new Pgpool(directory, port, process);
			pgpool.awaitReady();
			return pgpool;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("pgpool-II does not start", ex);
		}
	}

	private void awaitReady() throws IOException {
		long deadline = System.nanoTime() + PATIENCE_NANOS;
		while (this.process.isAlive() && System.nanoTime() < deadline) {
			if (log().contains(READY)) {
				return;
			}
			LockSupport.parkNanos(PAUSE_NANOS);
		}
		String log = log();
		close();
		throw new IllegalStateException("pgpool-II does not start: " + log);
	}

	/**
	 * Returns the JDBC URL of a database, through this pgpool-II.
	 * @param database name of the database
	 * @return the URL, without parameters
	 */
	public String url(String database) {
		return PostgresServer.url("127.0.0.1", this.port, database);
	}

	/**
	 * Returns whether it has not detached the server so far.
	 * @return {@code false} from when it begins to
	 */
	public boolean isServerAttached() {
		return !log().contains(DETACHING);
	}

	/**
	 * Returns what it has written so far.
	 * @return its log
	 */
	public String log() {
		try {
			return Files.readString(this.directory.resolve("pgpool.log"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
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

	/**
	 * Its processes share memory of the system, which it frees when it is told to end.
	 */
	private void end() {
		try {
			new ProcessBuilder("kill", "-INT", String.valueOf(this.process.pid())).start().waitFor();
			if (!this.process.waitFor(30, TimeUnit.SECONDS)) {
				this.process.descendants().forEach(ProcessHandle::destroyForcibly);
				this.process.destroyForcibly().onExit().join();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		InstalledProgram.delete(this.directory);
	}

}
