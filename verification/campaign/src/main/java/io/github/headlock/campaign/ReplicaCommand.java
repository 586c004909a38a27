package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.headlock.campaign.replica.ReplicaApplication;
import io.github.headlock.testbed.PostgresServer;

/**
 * How replicas are started, from an archive of loaded classes, with which they need less
 * than half the time.
 */
final class ReplicaCommand {

	private static final List<String> JVM = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
			"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx96m", "-Xshare:auto", "-Xlog:cds=off",
			"-Xlog:cds+dynamic=off", "-XX:-UsePerfData", "-XX:CICompilerCount=1",
			"-Dspring.backgroundpreinitializer.ignore=true", "-Dorg.springframework.boot.logging.LoggingSystem=none");

	private final String classPath;

	private final Path archive;

	private ReplicaCommand(String classPath, Path archive) {
		this.classPath = classPath;
		this.archive = archive;
	}

	/** Makes the archive, by a replica that starts once on a database of its own. */
	static ReplicaCommand prepare(String classPath, Path folder, PostgresServer server)
			throws IOException, InterruptedException {
		ReplicaCommand command = new ReplicaCommand(classPath, folder.resolve("replica.jsa"));
		server.createDatabase("training");
		Release release = Release.previous(folder.resolve("training"));
		List<String> arguments = new ArrayList<>(command.command("-XX:ArchiveClassesAtExit=" + command.archive));
		arguments.addAll(List.of("--spring.datasource.url=" + server.url("training"),
				"--spring.datasource.username=postgres", "--spring.datasource.password=",
				"--spring.flyway.locations=" + String.join(",", release.locations()),
				"--headlock.exit-after-migration=true"));
		Path log = folder.resolve("training.log");
		Process process = new ProcessBuilder(arguments).redirectErrorStream(true).redirectOutput(log.toFile()).start();
		if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
			process.destroyForcibly();
			throw new IllegalStateException("A replica does not even start alone:\n" + Files.readString(log));
		}
		return command;
	}

	/** Starts a replica, whose output goes to a file. */
	Process start(String name, Path log, List<String> arguments) throws IOException {
		List<String> command = new ArrayList<>(command("-XX:SharedArchiveFile=" + this.archive));
		command.addAll(arguments);
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
		builder.environment().put("HOSTNAME", name);
		return builder.start();
	}

	/** Deletes the archive, which is large. */
	void delete() {
		this.archive.toFile().delete();
	}

	private List<String> command(String archiveOption) {
		List<String> command = new ArrayList<>(JVM);
		command.addAll(List.of(archiveOption, "-cp", this.classPath, ReplicaApplication.class.getName()));
		return command;
	}

}
