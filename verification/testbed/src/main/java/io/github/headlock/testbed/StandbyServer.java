package io.github.headlock.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/**
 * A server on a copy of another one's data, which streams from that one until it is
 * promoted. It has the executables and the options of the other one.
 */
final class StandbyServer implements RunningServer {

	private final int port;

	private final Path data;

	private final PgControl control;

	private final Thread atExit = new Thread(this::end);

	private StandbyServer(int port, Path data) {
		this.port = port;
		this.data = data;
		this.control = new PgControl(data);
	}

	/** Copies an embedded server and starts the copy; it takes connections then. */
	static StandbyServer of(PostgresServer primary, String name) {
		try (Connection superuser = primary.connect("postgres"); Statement statement = superuser.createStatement()) {
			// keeps what the copy will need, from the time of the copy on
			statement
				.execute(String.format(Locale.ROOT, "SELECT pg_create_physical_replication_slot('%s', true)", name));
			Path data = BaseBackup.of(superuser);
			StandbyServer standby = new StandbyServer(freePort(), data);
			Files.createFile(data.resolve("standby.signal"));
			Files.writeString(data.resolve("postgresql.auto.conf"), String.format(Locale.ROOT,
					"primary_conninfo = 'host=%s port=%d user=postgres application_name=%s'%nprimary_slot_name = '%s'%n",
					primary.host(), primary.port(), name, name), StandardOpenOption.APPEND);
			standby.takeOptions(primary);
			Runtime.getRuntime().addShutdownHook(standby.atExit);
			standby.startAgain();
			return standby;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The server cannot be copied", ex);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The server cannot be copied", ex);
		}
	}

	/** The file is what a start of a stopped server takes its options from. */
	private void takeOptions(PostgresServer primary) throws IOException, SQLException {
		Path source = EmbeddedServer.dataDirectory(primary.port());
		String options = Files.readString(source.resolve("postmaster.opts"));
		Files.writeString(this.data.resolve("postmaster.opts"), options.replace(source.toString(), this.data.toString())
			.replace('"' + String.valueOf(primary.port()) + '"', '"' + String.valueOf(this.port) + '"'));
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	@Override
	public String host() {
		return "127.0.0.1";
	}

	@Override
	public int port() {
		return this.port;
	}

	@Override
	public void stop(String mode) {
		this.control.stop(mode);
	}

	@Override
	public void startAgain() {
		this.control.start();
	}

	@Override
	public void signal(String signal) {
		this.control.signal(signal);
	}

	@Override
	public void close() {
		Runtime.getRuntime().removeShutdownHook(this.atExit);
		end();
	}

	private void end() {
		if (Files.exists(this.data.resolve("postmaster.pid"))) {
			stop("immediate");
		}
		BaseBackup.delete(this.data);
	}

}
