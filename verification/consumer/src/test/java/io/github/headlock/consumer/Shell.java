package io.github.headlock.consumer;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.headlock.testbed.LoggedProcess;

/**
 * Commands that a reader types into a terminal. The Java of this process is the one that
 * they find.
 */
final class Shell {

	private static final Duration LONGEST = Duration.ofMinutes(10);

	private final String commands;

	private final Map<String, String> environment = new LinkedHashMap<>();

	Shell(String commands) {
		this.commands = commands;
	}

	Shell environment(Map<String, String> more) {
		this.environment.putAll(more);
		return this;
	}

	/** Lets Maven use another local repository. */
	Shell withMaven(Path repository) {
		this.environment.put("REPOSITORY", repository.toString());
		return this;
	}

	/** Starts the commands, which end with the process. */
	LoggedProcess start(Path directory, Path log) {
		// what the reader's Maven takes from settings.xml
		String maven = "mvn() { command mvn -ntp \"-Dmaven.repo.local=$REPOSITORY\" \"$@\"; }\n";
		ProcessBuilder process = new ProcessBuilder("bash", "-e", "-c", maven + this.commands)
			.directory(directory.toFile());
		String javaHome = System.getProperty("java.home");
		process.environment().put("JAVA_HOME", javaHome);
		// with the simple compiler alone, a short run takes less time
		process.environment().put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
		process.environment()
			.merge("PATH", System.getProperty("consumer.maven") + "/bin" + File.pathSeparator + javaHome + "/bin",
					(old, more) -> more + File.pathSeparator + old);
		process.environment().putAll(this.environment);
		return LoggedProcess.start(process, log);
	}

	/** Runs the commands to their end, and returns what they print. */
	String run(Path directory) {
		try {
			Path log = Files.createTempFile(Path.of(System.getProperty("consumer.target")), "shell", ".log");
			try (LoggedProcess process = start(directory, log)) {
				if (!process.endsWithin(LONGEST) || process.exitCode() != 0) {
					throw new AssertionError("This did not succeed: " + this.commands + '\n' + process.log().text());
				}
				return process.log().text();
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

}
