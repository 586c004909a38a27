package io.github.headlock.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.headlock.testbed.PostgresServer;

/**
 * What all parts share: a server, the jars of the application, and a folder for logs.
 *
 * @param server the server
 * @param jars makes the jars
 * @param folder a folder of this run
 * @param out where progress is told
 */
record Bench(PostgresServer server, FatJar jars, Path folder, PrintStream out) implements AutoCloseable {

	/**
	 * More than the default, so that whoever wants too many connections is seen doing so.
	 */
	private static final Map<String, String> SETTINGS = Map.of("max_connections", "1000", "track_commit_timestamp",
			"on");

	/**
	 * Starts a server.
	 * @param target build folder of this module
	 * @param folder a folder of this run
	 * @param out where progress is told
	 */
	static Bench open(Path target, Path folder, PrintStream out) throws IOException {
		return new Bench(PostgresServer.start(SETTINGS), FatJar.find(target, Files.createDirectories(folder)), folder,
				out);
	}

	/** The order of a round, so that none always follows the same one. */
	static List<Variant> order(List<Variant> variants, int round) {
		List<Variant> order = new ArrayList<>(variants);
		if (round % 2 == 0) {
			Collections.reverse(order);
		}
		return order;
	}

	/** A file for the output of a process. */
	Path log(String part, Variant variant, String rest) {
		return this.folder.resolve(part + "-" + variant.name().toLowerCase(Locale.ROOT) + "-" + rest + ".log");
	}

	/** Runs a statement outside of the databases that are measured. */
	void execute(String statement) throws SQLException {
		try (Connection connection = this.server.connect("postgres");
				Statement execution = connection.createStatement()) {
			execution.execute(statement);
		}
	}

	/** Deletes a database, and ends its sessions. */
	void drop(String database) throws SQLException {
		execute("DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		this.jars.delete();
	}

}
