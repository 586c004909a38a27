package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.headlock.campaign.replica.ReplicaApplication;
import io.github.headlock.testbed.JavaCommand;
import io.github.headlock.testbed.LoggedProcess;
import io.github.headlock.testbed.PostgresServer;

/**
 * How replicas are started, from an archive of loaded classes, with which they need less
 * than half the time.
 */
final class ReplicaCommand {

	private static final List<String> JVM = List.of("-XX:+UseSerialGC", "-Xmx96m", "-Xshare:auto", "-Xlog:cds=off",
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
		Path log = folder.resolve("training.log");
		try (LoggedProcess process = command.command("-XX:ArchiveClassesAtExit=" + command.archive)
			.arguments(List.of("--spring.datasource.url=" + server.url("training"),
					"--spring.datasource.username=postgres", "--spring.datasource.password=",
					"--spring.flyway.locations=" + String.join(",", release.locations()),
					"--headlock.exit-after-migration=true"))
			.start(log)) {
			if (!process.endsWithin(Duration.ofMinutes(2)) || process.exitCode() != 0) {
				throw new IllegalStateException("A replica does not even start alone:\n" + process.log().text());
			}
		}
		return command;
	}

	/** Starts a replica, whose output goes to a file. */
	ReplicaProcess start(String name, Path log, List<String> arguments) {
		return new ReplicaProcess(name,
				command("-XX:SharedArchiveFile=" + this.archive).arguments(arguments)
					.environment(Map.of("HOSTNAME", name))
					.start(log));
	}

	/** Deletes the archive, which is large. */
	void delete() {
		this.archive.toFile().delete();
	}

	private JavaCommand command(String archiveOption) {
		return JavaCommand.main(this.classPath, ReplicaApplication.class.getName())
			.options(JVM)
			.options(List.of(archiveOption));
	}

}
