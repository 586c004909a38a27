package io.github.headlock.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How an application is started in a JVM of its own, of the same version as this one.
 * Only the simple compiler is used, with which a short run takes less time.
 */
public final class JavaCommand {

	private final List<String> options = new ArrayList<>();

	private final List<String> program;

	private final List<String> arguments = new ArrayList<>();

	private final Map<String, String> environment = new LinkedHashMap<>();

	private boolean inheritEnvironment = true;

	private JavaCommand(List<String> program) {
		this.program = program;
	}

	/**
	 * The command for a main class.
	 * @param classPath its class path
	 * @param mainClass its name
	 * @return the command
	 */
	public static JavaCommand main(String classPath, String mainClass) {
		return new JavaCommand(List.of("-cp", classPath, mainClass));
	}

	/**
	 * The command for an executable jar.
	 * @param jar the file
	 * @return the command
	 */
	public static JavaCommand jar(Path jar) {
		return new JavaCommand(List.of("-jar", jar.toString()));
	}

	/**
	 * The command for an executable jar of the build.
	 * @param folder where the build puts it
	 * @param artifact its name without the version
	 * @return the command
	 * @throws IllegalStateException if it is not there
	 */
	public static JavaCommand packaged(Path folder, String artifact) {
		if (Files.isDirectory(folder)) {
			try (Stream<Path> files = Files.list(folder)) {
				return files.filter((file) -> file.getFileName().toString().matches(artifact + "-\\d.*\\.jar"))
					.findFirst()
					.map(JavaCommand::jar)
					.orElseThrow(() -> notPackaged(folder, artifact));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
		throw notPackaged(folder, artifact);
	}

	private static IllegalStateException notPackaged(Path folder, String artifact) {
		return new IllegalStateException(
				String.format(Locale.ROOT, "There is no jar of %s in %s: package it first", artifact, folder));
	}

	/**
	 * Adds options of the JVM.
	 * @param more the options
	 * @return this
	 */
	public JavaCommand options(List<String> more) {
		this.options.addAll(more);
		return this;
	}

	/**
	 * Adds arguments of the application.
	 * @param more the arguments
	 * @return this
	 */
	public JavaCommand arguments(List<String> more) {
		this.arguments.addAll(more);
		return this;
	}

	/**
	 * Adds environment variables to those of this JVM.
	 * @param more the variables
	 * @return this
	 */
	public JavaCommand environment(Map<String, String> more) {
		this.environment.putAll(more);
		return this;
	}

	/**
	 * Leaves out the environment variables of this JVM.
	 * @return this
	 */
	public JavaCommand withoutInheritedEnvironment() {
		this.inheritEnvironment = false;
		return this;
	}

	/**
	 * Starts the process.
	 * @param log the file for its output and its errors
	 * @return the process
	 * @throws UncheckedIOException if it cannot be started
	 */
	public LoggedProcess start(Path log) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.add("-XX:TieredStopAtLevel=1");
		command.addAll(this.options);
		command.addAll(this.program);
		command.addAll(this.arguments);
		ProcessBuilder process = new ProcessBuilder(command);
		if (!this.inheritEnvironment) {
			process.environment().clear();
		}
		process.environment().putAll(this.environment);
		return LoggedProcess.start(process, log);
	}

}
