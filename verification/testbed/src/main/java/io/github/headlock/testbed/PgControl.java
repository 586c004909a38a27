package io.github.headlock.testbed;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Stops a server and starts it again on the same data and port, with the {@code pg_ctl}
 * that lies beside its executable, and sends signals to its processes.
 */
final class PgControl {

	private final Path dataDirectory;

	PgControl(Path dataDirectory) {
		this.dataDirectory = dataDirectory;
	}

	/** Waits until it is stopped. */
	void stop(String mode) {
		run("stop", "-m", mode, "-t", "60");
	}

	/** With the options it was started with, until it takes connections. */
	void start() {
		// "restart" of a stopped server takes them from the file that the last start
		// wrote
		run("restart", "-t", "60");
	}

	/** Sends a signal to the server's first process, then to all of the others. */
	void signal(String signal) {
		ProcessHandle postmaster = ProcessHandle.of(pid()).orElseThrow();
		Stream.concat(Stream.of(postmaster), postmaster.children()).forEach((process) -> signal(signal, process));
	}

	/** The first one may have ended another one by then. */
	private static void signal(String signal, ProcessHandle process) {
		try {
			execute(List.of("kill", signal, String.valueOf(process.pid())));
		}
		catch (IllegalStateException ex) {
			if (process.isAlive()) {
				throw ex;
			}
		}
	}

	private long pid() {
		try {
			return Long.parseLong(Files.readAllLines(this.dataDirectory.resolve("postmaster.pid")).get(0));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void run(String action, String... options) {
		List<String> command = new ArrayList<>();
		if (System.getProperty("user.name").equals("root")) {
			// PostgreSQL refuses to run as root
			command.addAll(List.of("unshare", "-U"));
		}
		command.addAll(List.of(executable().toString(), action, "-w", "-D", this.dataDirectory.toString()));
		command.addAll(List.of(options));
		execute(command);
	}

	private static void execute(List<String> command) {
		try {
			File log = Files.createTempFile("command", ".log").toFile();
			// not a pipe, which the server would inherit and keep open
			int exitCode = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start().waitFor();
			String output = Files.readString(log.toPath());
			Files.delete(log.toPath());
			if (exitCode != 0) {
				throw new IllegalStateException(String.format(Locale.ROOT, "%s fails: %s", command, output));
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

	private Path executable() {
		try {
			String commandLine = Files.readString(this.dataDirectory.resolve("postmaster.opts"));
			return Path.of(commandLine.substring(0, commandLine.indexOf(" \""))).resolveSibling("pg_ctl");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
